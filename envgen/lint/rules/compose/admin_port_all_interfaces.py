from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Port
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._ports import administers, open_ports


@compose_rule(
    "EG248",
    "admin-port-all-interfaces",
    Severity.WARNING,
    same_as=(
        "compose-lint/CL-0005",
        "dclint/no-unbound-port-interfaces",
        "compose-auditor/NET002",
        "kics/Container Traffic Not Bound To Host Interface",
    ),
    keys=("ports",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A database or its administration is open on every network interface of the host.

    Docker writes its own firewall rules, so ufw and firewalld don't close it; such ports are found and attacked within
    hours. Services of the same project don't need a published port at all, they use the service's name.

    Bad:

        services:
          db:
            image: postgres:17
            ports: ["5432:5432"]

    Good:

        services:
          db:
            image: postgres:17
            ports: ["127.0.0.1:5432:5432"]
    """
    for service in compose.services.values():
        for port in open_ports(service):
            what = administers(service, port)
            if what is not None:
                yield Violation(
                    place=service.place(*port.route),
                    message=f"the service `{service.name}` opens {what}'s port `{port.target}` on every interface of "
                    f"the host{_elsewhere(port)}",
                    hint="write `127.0.0.1:` before it, or remove it: services of this project don't need it",
                )


def _elsewhere(port: Port) -> str:
    return f", as `{port.published}`" if port.published not in ("", port.target) else ""
