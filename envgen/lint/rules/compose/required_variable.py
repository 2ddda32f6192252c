from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG213", "required-variable", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A variable has to be set, and is set nowhere.

    `${NAME:?}` makes compose refuse every command until the variable has a value, from `.env` beside the file or
    from the shell. In a repository that ships no `.env`, that is every fresh checkout and every CI run.

    Bad:

        services:
          web:
            image: web:1
            environment:
              API_KEY: ${API_KEY:?}

    Good:

        --- compose.yaml
        services:
          web:
            image: web:1
            environment:
              API_KEY: ${API_KEY:?}
        --- .env
        API_KEY=for-development
    """
    seen: set[str] = set()
    for one in reported(compose, "required-variable"):
        if one.message not in seen:  # once a variable: it takes one line to set it
            seen.add(one.message)
            yield one
