from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG217", "include-broken", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A file that `include` names is not there or can't be read.

    Compose reads all included files, and the env files that go with them, before anything else; if one is missing
    or they include each other, it refuses the project.

    Bad:

        include:
          - monitoring.yaml
        services:
          web:
            image: web:1

    Good:

        --- compose.yaml
        include:
          - monitoring.yaml
        services:
          web:
            image: web:1
        --- monitoring.yaml
        services:
          metrics:
            image: prom/prometheus:v3.5.0
    """
    yield from reported(compose, "include-broken")
