"""What a lint rule is: a code, a name, a severity and a check whose docstring `envgen explain` shows.

A rule looks at one of four subjects: a spec, a Dockerfile, a compose project, or what crosses files. It is a module of
its own in `envgen/lint/rules/<scope>/`, and yields violations; code, severity and excerpt are added by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from inspect import getdoc
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, Unpack

from envgen.finding import Fix, Severity
from envgen.lint.place import Place

if TYPE_CHECKING:
    from datetime import date

    from envgen.lint.composefile import Compose
    from envgen.lint.dockerfile import Dockerfile
    from envgen.lint.project import Project
    from envgen.source import Route, Source
    from envgen.spec.model import Spec


class Scope(StrEnum):
    """What a rule looks at; also the folder that it lies in."""

    SPEC = "spec"
    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What a rule has against the thing at `place`; `hint` says what to do, `fix` does it."""

    place: Place
    message: str
    hint: str | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class SpecSubject:
    """What a spec rule gets to see. `today` is injected, so that findings don't depend on the clock."""

    spec: Spec
    source: Source
    today: date

    def place(self, route: Route, *, at_key: bool = False) -> Place:
        """Where the value at a route stands, or its key."""
        return Place(*self.source.place(route, at_key=at_key), file=self.source.file(route))


SpecCheck: TypeAlias = Callable[[SpecSubject], Iterator[Violation]]
DockerfileCheck: TypeAlias = "Callable[[Dockerfile], Iterator[Violation]]"
ComposeCheck: TypeAlias = "Callable[[Compose], Iterator[Violation]]"
ProjectCheck: TypeAlias = "Callable[[Project], Iterator[Violation]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule and what is known about it.

    `same_as` names what it is called elsewhere: `buildkit/StageNameCasing`, `hadolint/DL3024`, `compose-lint/CL-0001`,
    `kics/Privileged Containers Enabled`, `dclint/no-version-field`. `since` is the rule set it came with: a
    configuration that names an older rule set doesn't run it. A rule that is not on by `default` has to be selected.
    `explanation` is the check's docstring: a one-line summary, the reason, a bad and a good example. A rule with `keys`
    has something to say only where a service has one of them: elsewhere it isn't even imported.
    """

    code: str
    name: str
    severity: Severity
    scope: Scope
    check: Callable[[Any], Iterator[Violation]]
    explanation: str
    same_as: tuple[str, ...] = ()
    since: int = 1
    default: bool = True
    keys: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first line of the explanation, without its dot."""
        return self.explanation.partition("\n")[0].removesuffix(".")


class Facts(TypedDict, total=False):
    """What may be said of a rule, see `Rule`."""

    same_as: tuple[str, ...]
    since: int
    default: bool
    keys: tuple[str, ...]


def spec_rule(code: str, name: str, severity: Severity, **facts: Unpack[Facts]) -> Callable[[SpecCheck], Rule]:
    """Turns a check of a `SpecSubject` into a rule."""
    return lambda check: _rule(Scope.SPEC, check, code, name, severity, facts)


def dockerfile_rule(
    code: str, name: str, severity: Severity, **facts: Unpack[Facts]
) -> Callable[[DockerfileCheck], Rule]:
    """Turns a check of a `Dockerfile` into a rule. It sees that one text only, so what it finds can be cached."""
    return lambda check: _rule(Scope.DOCKERFILE, check, code, name, severity, facts)


def compose_rule(code: str, name: str, severity: Severity, **facts: Unpack[Facts]) -> Callable[[ComposeCheck], Rule]:
    """Turns a check of a `Compose` (a compose file with its overrides, includes and extended services) into a rule."""
    return lambda check: _rule(Scope.COMPOSE, check, code, name, severity, facts)


def project_rule(code: str, name: str, severity: Severity, **facts: Unpack[Facts]) -> Callable[[ProjectCheck], Rule]:
    """Turns a check of a `Project` (compose services, their Dockerfiles, build contexts, .env files) into a rule.

    A Dockerfile that no compose file builds counts as a service that has `build` only.
    """
    return lambda check: _rule(Scope.PROJECT, check, code, name, severity, facts)


def _rule(
    scope: Scope, check: Callable[[Any], Iterator[Violation]], code: str, name: str, severity: Severity, facts: Facts
) -> Rule:
    explanation = getdoc(check) or ""
    return Rule(code=code, name=name, severity=severity, scope=scope, check=check, explanation=explanation, **facts)


def relevant(rules: Iterable[Rule], keys: Container[str]) -> Iterator[Rule]:
    """The rules that have something to say about services with these keys."""
    return (rule for rule in rules if not rule.keys or any(key in keys for key in rule.keys))
