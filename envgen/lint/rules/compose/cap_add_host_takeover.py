from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import capabilities

_TAKEOVER = {
    "ALL": "it has every capability, as root on the host has",
    "SYS_ADMIN": "it can mount file systems and change namespaces, the usual way out of a container",
    "SYS_MODULE": "it can load modules into the host's kernel",
    "SYS_RAWIO": "it can reach the host's memory and devices past the kernel",
}


@compose_rule(
    "EG236",
    "cap-add-host-takeover",
    Severity.WARNING,
    same_as=("compose-lint/CL-0024", "kics/Container Capabilities Unrestricted"),
    keys=("cap_add",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A capability with which a container can take over the host.

    ALL, SYS_ADMIN, SYS_MODULE and SYS_RAWIO lead to code that runs on the host without any further hole. What needs
    them belongs on the host or into a virtual machine.

    Bad:

        services:
          vpn:
            image: vpn:1
            cap_add: [SYS_ADMIN]

    Good:

        services:
          vpn:
            image: vpn:1
            cap_drop: [ALL]
            cap_add: [NET_BIND_SERVICE]
    """
    for service in compose.services.values():
        for index, name in capabilities(service, "cap_add"):
            if name in _TAKEOVER:
                yield Violation(
                    place=service.place("cap_add", index),
                    message=f"the service `{service.name}` gets `{name}`: {_TAKEOVER[name]}",
                    hint="remove it, and add only the capabilities that the program asks for",
                )
