import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_ZERO = re.compile(r"(?:0(?:\.0{1,9})?(?:h|ms|m|s|us)){1,4}|0")


@compose_rule("EG274", "stop-grace-period-zero", Severity.INFO, keys=("stop_grace_period",))
def check(compose: Compose) -> Iterator[Violation]:
    """A service is killed without a chance to end.

    With `stop_grace_period: 0s` SIGKILL follows SIGTERM at once: requests break off, and what wasn't on disk yet is
    lost. Often it hides that the program doesn't get the signal; `init: true` or an exec-form command mends that.

    Bad:

        services:
          db:
            image: postgres:17
            stop_grace_period: 0s

    Good:

        services:
          db:
            image: postgres:17
            stop_grace_period: 30s
    """
    for service in compose.services.values():
        period = service.data.get("stop_grace_period")
        if period == 0 or (isinstance(period, str) and _ZERO.fullmatch(period.strip())):
            yield Violation(
                place=service.place("stop_grace_period"),
                message=f"the service `{service.name}` is killed without time to end",
                hint="give it the seconds that it needs",
            )
