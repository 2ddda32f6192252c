from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import is_true


@compose_rule(
    "EG230",
    "privileged",
    Severity.WARNING,
    same_as=("compose-lint/CL-0002", "kics/Privileged Containers Enabled", "semgrep/privileged-service"),
    keys=("privileged",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A privileged container is root on the host.

    It has every capability, sees all devices and no seccomp or AppArmor profile holds it: whoever breaks into it has
    broken into the host. Give it the one device or capability that it needs.

    Bad:

        services:
          agent:
            image: agent:1
            privileged: true

    Good:

        services:
          agent:
            image: agent:1
            cap_add: [NET_ADMIN]
    """
    for service in compose.services.values():
        if is_true(service.data.get("privileged")):
            yield Violation(
                place=service.place("privileged", at_key=True),
                message=f"the service `{service.name}` runs privileged: it can do on the host whatever root can",
                hint="remove it, and give the service the `cap_add` or `devices` that it needs",
            )
