"""What a lint rule is: a code, a name, a severity and a check whose docstring `envgen explain` shows.

A rule looks at one of four subjects: a spec, a Dockerfile, a compose project, or what crosses files. It is a module of
its own in `envgen/lint/rules/<scope>/`, and yields violations; code, severity and excerpt are added by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from inspect import getdoc
from typing import TYPE_CHECKING, Any, TypeAlias

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
        return Place(*self.source.place(route, at_key=at_key))


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
    `explanation` is the check's docstring: a one-line summary, the reason, a bad and a good example.
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

    @property
    def summary(self) -> str:
        """The first line of the explanation, without its dot."""
        return self.explanation.partition("\n")[0].removesuffix(".")


def spec_rule(
    code: str, name: str, severity: Severity, *, same_as: tuple[str, ...] = (), since: int = 1, default: bool = True
) -> Callable[[SpecCheck], Rule]:
    """Turns a check of a `SpecSubject` into a rule."""
    return _decorator(
        Scope.SPEC, code=code, name=name, severity=severity, same_as=same_as, since=since, default=default
    )


def dockerfile_rule(
    code: str, name: str, severity: Severity, *, same_as: tuple[str, ...] = (), since: int = 1, default: bool = True
) -> Callable[[DockerfileCheck], Rule]:
    """Turns a check of a `Dockerfile` into a rule. It sees that one text only, so what it finds can be cached."""
    return _decorator(
        Scope.DOCKERFILE, code=code, name=name, severity=severity, same_as=same_as, since=since, default=default
    )


def compose_rule(
    code: str, name: str, severity: Severity, *, same_as: tuple[str, ...] = (), since: int = 1, default: bool = True
) -> Callable[[ComposeCheck], Rule]:
    """Turns a check of a `Compose` (a compose file with its overrides, includes and extended services) into a rule."""
    return _decorator(
        Scope.COMPOSE, code=code, name=name, severity=severity, same_as=same_as, since=since, default=default
    )


def project_rule(
    code: str, name: str, severity: Severity, *, same_as: tuple[str, ...] = (), since: int = 1, default: bool = True
) -> Callable[[ProjectCheck], Rule]:
    """Turns a check of a `Project` (compose services, their Dockerfiles, build contexts, .env files) into a rule."""
    return _decorator(
        Scope.PROJECT, code=code, name=name, severity=severity, same_as=same_as, since=since, default=default
    )


def _decorator(scope: Scope, **facts: Any) -> Callable[[Callable[[Any], Iterator[Violation]]], Rule]:  # noqa: ANN401 - Rule's own fields
    return lambda check: Rule(scope=scope, check=check, explanation=getdoc(check) or "", **facts)
