from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG211", "env-file-missing", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service names an env file or label file that is not there.

    Compose refuses every command for the project then, even `config`. Where people are to write the file
    themselves, mark it with `required: false`, or say in the README which example to copy.

    Bad:

        services:
          web:
            image: web:1
            env_file: web.env

    Good:

        services:
          web:
            image: web:1
            env_file:
              - path: web.env
                required: false
    """
    yield from reported(compose, "env-file-missing")
