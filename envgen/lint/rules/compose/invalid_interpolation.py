from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG214", "invalid-interpolation", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A dollar sign starts a variable that compose can't read.

    `${` needs a name, an operator that compose knows and a closing brace. A dollar sign that is meant for the
    container, as in a shell command or a hashed password, is written as `$$`.

    Bad:

        services:
          web:
            image: web:1
            command: ["sh", "-c", "echo ${#LIST}"]

    Good:

        services:
          web:
            image: web:1
            command: ["sh", "-c", "echo $${#LIST}"]
    """
    yield from reported(compose, "invalid-interpolation")
