from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported


@compose_rule("EG216", "extends-broken", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service extends something that is not there.

    The file or the service that `extends` names is missing or can't be read, or services extend each other. Compose
    refuses the file.

    Bad:

        services:
          web:
            extends: base
            image: web:1

    Good:

        services:
          base:
            image: web:1
          web:
            extends: base
    """
    yield from reported(compose, "extends-broken")
