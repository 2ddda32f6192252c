from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported

_SET_BY_COMPOSE = frozenset({"COMPOSE_PROJECT_NAME"})


@compose_rule("EG215", "unset-variable", Severity.INFO)
def check(compose: Compose) -> Iterator[Violation]:
    """A variable without a default is set nowhere, so compose puts an empty text in its place.

    Compose only prints a warning and goes on, with an image without its tag or a password that is empty. Give the
    variable a default, set it in `.env`, declare it in `.env.example`, or demand it with `${NAME:?}`. Each variable
    is reported once, since whoever runs the file may set it elsewhere.

    Bad:

        services:
          web:
            image: web:${TAG}

    Good:

        services:
          web:
            image: web:${TAG:-latest}
    """
    seen: set[str] = set()
    known = compose.example_variables | _SET_BY_COMPOSE
    for violation in reported(compose, "unset-variable"):
        if violation.message not in seen and violation.message.split("`")[1] not in known:
            seen.add(violation.message)
            yield violation
