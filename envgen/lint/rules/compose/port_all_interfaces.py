from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._ports import administers, open_ports


@compose_rule(
    "EG247",
    "port-all-interfaces",
    Severity.INFO,
    same_as=(
        "compose-lint/CL-0005",
        "dclint/no-unbound-port-interfaces",
        "compose-auditor/NET002",
        "kics/Container Traffic Not Bound To Host Interface",
    ),
    keys=("ports",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A port is open on every network interface of the host.

    Docker writes its own firewall rules, so ufw and firewalld don't close it: on a server the port is on the Internet.
    What only this host needs gets the address 127.0.0.1; for a web server that all may reach this is as it should be.

    Bad:

        services:
          web:
            image: web:1
            ports: ["8080:80"]

    Good:

        services:
          web:
            image: web:1
            ports: ["127.0.0.1:8080:80"]
    """
    for service in compose.services.values():
        for port in open_ports(service):
            if administers(service, port) is None:
                yield Violation(
                    place=service.place(*port.route),
                    message=f"the port `{port.published or port.target}` of the service `{service.name}` is open on "
                    "every interface of the host",
                    hint="write `127.0.0.1:` before it, unless other machines have to reach it",
                )
