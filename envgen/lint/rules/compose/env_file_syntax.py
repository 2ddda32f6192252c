from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG212", "env-file-syntax", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """An env file has a line that compose can't read.

    The file holds `NAME=value` lines, with comments after `#` and quotes that close. Compose refuses every command
    for the project because of one line that is anything else, such as `NAME = value; other` or an unclosed quote.

    Bad:

        --- compose.yaml
        services:
          web:
            image: web:${TAG}
        --- .env
        TAG='1.0

    Good:

        --- compose.yaml
        services:
          web:
            image: web:${TAG}
        --- .env
        TAG='1.0'
    """
    yield from reported(compose, "env-file-syntax")
