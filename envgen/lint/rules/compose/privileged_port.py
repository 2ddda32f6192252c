from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_FIRST_UNPRIVILEGED = 1024


@compose_rule(
    "EG249",
    "privileged-port",
    Severity.INFO,
    same_as=("kics/Privileged Ports Mapped In Container",),
    default=False,
    keys=("ports",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service takes a port below 1024 of the host.

    There the host's own services live (SSH, DNS, mail), and rootless engines can't open them. Since web servers have
    to, this rule is off unless selected.

    Bad:

        services:
          web:
            image: nginx:1.27
            ports: ["127.0.0.1:80:8080"]

    Good:

        services:
          web:
            image: nginx:1.27
            ports: ["127.0.0.1:8080:8080"]
    """
    for service in compose.services.values():
        if "ports" not in service.data:
            continue
        for port in service.ports:
            first = (port.published or port.target).partition("-")[0]
            if first.isascii() and first.isdecimal() and 0 < int(first[:6]) < _FIRST_UNPRIVILEGED:
                yield Violation(
                    place=service.place(*port.route),
                    message=f"the service `{service.name}` uses the privileged port `{first}`",
                    hint="use one from 1024 on",
                )
