from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._limits import is_limit
from envgen.lint.rules.compose._services import complete, limits


@compose_rule("EG251", "pids-limit-missing", Severity.INFO, same_as=("kics/Pids Limit Not Set",), default=False)
def check(compose: Compose) -> Iterator[Violation]:
    """A service can start processes until the host has none left.

    A fork bomb, or a program that loses track of its children, stops everything on the host. 0 and -1 are no limit.
    Off unless selected: few projects write it.

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            pids_limit: 200
    """
    for service in complete(compose):
        if is_limit(service.data.get("pids_limit")) or is_limit(limits(service).get("pids")):
            continue
        yield Violation(
            place=service.place("pids_limit") if "pids_limit" in service.data else service.place(),
            message=f"the service `{service.name}` has no limit of processes",
            hint="write `pids_limit: 200`, or what it needs",
        )
