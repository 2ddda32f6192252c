from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG218", "merge-conflict", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """An overriding value is of another kind than the one that it overrides.

    When compose lays one file or service over another, maps go over maps and lists over lists. Where one is a map
    and the other a list, it refuses both.

    Bad:

        --- compose.yaml
        services:
          web:
            image: web:1
            ulimits:
              nofile: 1024
        --- compose.override.yaml
        services:
          web:
            ulimits: [nofile]

    Good:

        --- compose.yaml
        services:
          web:
            image: web:1
            ulimits:
              nofile: 1024
        --- compose.override.yaml
        services:
          web:
            ulimits:
              nofile: 2048
    """
    yield from reported(compose, "merge-conflict")
