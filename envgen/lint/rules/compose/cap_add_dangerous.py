from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import capabilities

_REACH = {
    "NET_ADMIN": "it can redirect the traffic of its networks",
    "BPF": "it can load programs into the host's kernel",
    "SYS_BOOT": "it can restart the host",
    "SYS_PTRACE": "it can read the memory of other processes",
    "DAC_READ_SEARCH": "it can read files whatever their permissions say",
    "PERFMON": "it can watch every process of the host",
    "SYS_TIME": "it can set the clock of the host",
    "SYS_NICE": "it can take the host's processors for itself",
    "IPC_LOCK": "it can pin the host's memory",
    "LEASE": "it can hold up other programs that open a file",
    "SYSLOG": "it can read the kernel log of the host",
}


@compose_rule(
    "EG237",
    "cap-add-dangerous",
    Severity.INFO,
    same_as=(
        "compose-lint/CL-0011",
        "compose-lint/CL-0027",
        "compose-lint/CL-0028",
        "compose-lint/CL-0029",
        "compose-lint/CL-0030",
        "kics/Container Capabilities Unrestricted",
    ),
    keys=("cap_add",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A capability that reaches past the container.

    Some programs need one: a VPN needs NET_ADMIN, a debugger SYS_PTRACE. Most lists were copied, though, and each entry
    is something that an intruder can do to the host or to its neighbours.

    Bad:

        services:
          web:
            image: web:1
            cap_add: [NET_ADMIN, SYS_TIME]

    Good:

        services:
          web:
            image: web:1
            cap_drop: [ALL]
            cap_add: [NET_BIND_SERVICE]
    """
    for service in compose.services.values():
        for index, name in capabilities(service, "cap_add"):
            if name in _REACH:
                yield Violation(
                    place=service.place("cap_add", index),
                    message=f"the service `{service.name}` gets `{name}`: {_REACH[name]}",
                    hint="remove it unless the program fails without",
                )
