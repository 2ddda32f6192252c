"""The kinds of files that are rendered; a module in this package with a `render` is one of them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.templating import Templates

Target = Callable[[Plan, Templates], Iterator[Artifact]]

_SHARED = {"yaml_text"}


@cache
def targets() -> Mapping[str, Target]:
    """Every target by name, in the order of the alphabet."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name not in _SHARED)
    return {name: import_module(f"{__name__}.{name}").render for name in names}
