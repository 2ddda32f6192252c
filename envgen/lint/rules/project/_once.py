"""Questions that several rules ask about a project are answered once."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeVar, cast

from envgen.lint.composefile import Service
from envgen.lint.project import Project

_T = TypeVar("_T")


def once_a_service(ask: Callable[[Project, Service], _T]) -> Callable[[Project, Service], _T]:
    """Keeps a function's answer about each service of a project."""

    @wraps(ask)
    def answer(project: Project, service: Service) -> _T:
        key = ask, service.name
        if key not in project.answers:
            project.answers[key] = ask(project, service)
        return cast("_T", project.answers[key])

    return answer


def once(ask: Callable[[Project], Iterator[_T]]) -> Callable[[Project], tuple[_T, ...]]:
    """Keeps what a function finds in a project."""

    @wraps(ask)
    def answer(project: Project) -> tuple[_T, ...]:
        if ask not in project.answers:
            project.answers[ask] = tuple(ask(project))
        return cast("tuple[_T, ...]", project.answers[ask])

    return answer
