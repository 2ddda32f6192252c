"""How findings are written, one module a format: adding a file with a `render` function registers it."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from envgen import codes, suggest
from envgen.finding import EnvgenError, Finding, Severity


class Render(Protocol):
    """Writes findings, in the order given; ends with a line end unless there is nothing to say."""

    def __call__(
        self, findings: Sequence[Finding], *, color: bool, files: Sequence[str] = (), version: str | None = None
    ) -> str:
        """The findings as text; a format takes of the rest what it can use.

        `color` asks for ANSI colours, `files` are all that were checked, `version` is envgen's.
        """


def names() -> tuple[str, ...]:
    """The formats that there are."""
    return tuple(info.name for info in iter_modules(__path__) if not info.name.startswith("_"))


def find(name: str) -> Render:
    """The format of this name; raises EnvgenError where there is none."""
    if name not in names():
        hint = suggest.hint(name, names())
        message = f"there is no output format `{name}`"
        raise EnvgenError(
            [
                Finding(
                    code=codes.USAGE,
                    severity=Severity.ERROR,
                    file="--format",
                    line=1,
                    column=1,
                    message=message,
                    hint=hint,
                )
            ]
        )
    return cast("Render", import_module(f"{__name__}.{name}").render)
