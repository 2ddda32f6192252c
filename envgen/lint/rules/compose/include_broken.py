import re
from collections.abc import Iterator
from dataclasses import replace

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import reported

_VARIABLE = re.compile(r"(?<!\$)\$\{?([A-Za-z_]\w*)(?=\}|[^\w:\-+?]|$)")


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
    unset: dict[str, list[Violation]] = {}
    for one in reported(compose, "include-broken"):
        name = _unset(compose, one)
        if name is None:
            yield one
        else:
            unset.setdefault(name, []).append(one)
    for name, (first, *more) in unset.items():
        also = f"; the same goes for {len(more)} more" if more else ""
        yield replace(first, message=f"{first.message}, for nothing sets `{name}`{also}")


def _unset(compose: Compose, violation: Violation) -> str | None:
    """The variable without a value in the line of an include that is not there: one missing value breaks many."""
    path = violation.place.file or compose.path
    source = next((one for one in compose.sources if one.path == path), None)
    if source is None or "is not there" not in violation.message:
        return None
    line = source.text.split("\n")[violation.place.line - 1]
    return next((name for name in _VARIABLE.findall(line) if name not in compose.environment), None)
