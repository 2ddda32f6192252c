"""What a lint rule is: a code, a name, a severity and a check whose docstring `envgen explain` shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from inspect import getdoc

from envgen.finding import Severity
from envgen.source import Route
from envgen.spec.model import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What a rule has against the value at `route` (with `at_key`: against the key); `hint` says what to do."""

    route: Route
    message: str
    hint: str | None = None
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class SpecInput:
    """What a spec rule gets to see. `today` is injected, so that findings don't depend on the clock."""

    spec: Spec
    today: date


SpecCheck = Callable[[SpecInput], Iterator[Violation]]


@dataclass(frozen=True, slots=True)
class SpecRule:
    """A rule that looks at a spec; the engine adds code, severity and place to what `check` yields."""

    code: str
    name: str
    severity: Severity
    check: SpecCheck

    @property
    def explanation(self) -> str:
        """The check's docstring: a one-line summary, the reason, a bad and a good example."""
        return getdoc(self.check) or ""

    @property
    def summary(self) -> str:
        """The first line of the explanation, without its dot."""
        return self.explanation.partition("\n")[0].removesuffix(".")


def spec_rule(code: str, name: str, severity: Severity) -> Callable[[SpecCheck], SpecRule]:
    """Turns a check into a rule; to be used once in each module of `envgen.lint.rules`."""
    return lambda check: SpecRule(code, name, severity, check)
