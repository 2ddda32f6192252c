"""The languages that services can use; every other module in this package holds the `LANGUAGE` of its name."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Release, Request, Trouble

_SHARED = {"distro", "language"}

__all__ = ["Distro", "Language", "Option", "Recipe", "Release", "Request", "Trouble", "find", "names"]


@cache
def names() -> tuple[str, ...]:
    """The languages there are."""
    return tuple(
        sorted(module.name for module in iter_modules(__path__) if module.name not in _SHARED and module.name[0] != "_")
    )


@cache
def find(name: str) -> Language | None:
    """The language of that name, or None."""
    if name not in names():
        return None
    language: Language = import_module(f"{__name__}.{name}").LANGUAGE
    return language
