"""Environments as code: one typed envgen.yaml becomes Dockerfiles, a compose file and what belongs around them.

>>> import envgen
>>> spec = envgen.load("envgen.yaml")       # what the user wrote; raises envgen.EnvgenError
>>> plan = envgen.resolve(spec)             # every default decided
>>> artifacts = envgen.render(plan)         # paths and texts; nothing is written
>>> findings = envgen.lint(["."])           # Dockerfiles, compose files and specs
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgen.api import Artifact, EnvgenError, Finding, Plan, Spec, lint, load, render, resolve

__version__ = "0.1.0"
__all__ = ["Artifact", "EnvgenError", "Finding", "Plan", "Spec", "lint", "load", "render", "resolve"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - each name has its own type, which type checkers see above
    """The library's names, imported when they are first used: `envgen --version` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from envgen import api  # noqa: PLC0415 - see above

    # all at once: importing a submodule has set `envgen.render` and `envgen.lint` to modules
    globals().update({public: getattr(api, public) for public in __all__})
    return globals()[name]
