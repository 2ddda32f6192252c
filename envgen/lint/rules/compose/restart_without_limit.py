from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG255",
    "restart-without-limit",
    Severity.INFO,
    same_as=("kics/Restart Policy On Failure Not Set To 5",),
    default=False,
    keys=("restart", "deploy"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service that can't start is started again and again.

    `on-failure` without a number never gives up; each attempt costs time and fills the log. The CIS benchmark asks for
    at most five attempts. Off unless selected.

    Bad:

        services:
          web:
            image: web:1
            restart: on-failure

    Good:

        services:
          web:
            image: web:1
            restart: on-failure:5
    """
    for service in compose.services.values():
        restart = service.data.get("restart")
        if isinstance(restart, str) and restart.startswith("on-failure"):
            count = restart.partition(":")[2].strip()
            if not _is_few(count):
                yield Violation(
                    place=service.place("restart"),
                    message=f"the service `{service.name}` is started again without an end: `restart: {restart}`",
                    hint="write `restart: on-failure:5`",
                )
        policy = mapped(mapped(service.data.get("deploy")).get("restart_policy")) if "deploy" in service.data else {}
        if policy.get("condition") == "on-failure" and not _is_few(str(policy.get("max_attempts", ""))):
            yield Violation(
                place=service.place("deploy", "restart_policy", "max_attempts"),
                message=f"the service `{service.name}` is started again without an end",
                hint="write `max_attempts: 5`",
            )


def _is_few(count: str) -> bool:
    return "$" in count or count in {"1", "2", "3", "4", "5"}
