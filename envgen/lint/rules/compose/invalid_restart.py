from collections.abc import Iterator

from envgen import suggest
from envgen.compose_formats import restart as restart_problem
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule


@compose_rule("EG228", "invalid-restart", Severity.WARNING, keys=("restart",))
def check(compose: Compose) -> Iterator[Violation]:
    """The restart policy is none that Docker knows.

    Compose passes the text on as it is, and Docker refuses to create the container only when it is started. There
    are `no`, `always`, `unless-stopped`, `on-failure` and `on-failure:5`.

    Bad:

        services:
          web:
            image: web:1
            restart: on-error

    Good:

        services:
          web:
            image: web:1
            restart: on-failure
    """
    for service in compose.services.values():
        restart = service.data.get("restart")
        if not isinstance(restart, str) or "$" in restart or not (problem := restart_problem(restart)):
            continue
        yield Violation(
            place=service.place("restart"),
            message=problem,
            hint=suggest.hint(restart, _NAMES) or f"there are `{'`, `'.join(_NAMES)}`",
        )


_NAMES = ("no", "always", "unless-stopped", "on-failure")
