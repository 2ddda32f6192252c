"""What the shell offers for an argument: quick, and silent whatever is wrong.

The shell's own Tab key runs these: a spec that is broken or isn't there has nothing to offer, and never a message.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TypeAlias

import typer

Offer: TypeAlias = tuple[str, str] | str  # a word, and what it is

SPEC_NAMES = ("envgen.yaml", "envgen.yml", "envgen.json")  # as in envgen.project, which takes too long to import
_LARGEST = 1024 * 1024
_FALLBACK: list[Offer] = []


def _quiet(offers: Callable[[typer.Context], Iterable[Offer]]) -> Callable[[typer.Context, str], list[Offer]]:
    """A completion of the words that start as the user's does; of nothing where it fails."""

    @wraps(offers)
    def complete(ctx: typer.Context, incomplete: str) -> list[Offer]:
        try:
            return [one for one in offers(ctx) if (one if isinstance(one, str) else one[0]).startswith(incomplete)]
        except Exception:  # noqa: BLE001 - a message would land in the middle of the user's command
            return _FALLBACK

    # Typer looks at a function's own signature
    del complete.__wrapped__
    complete.__annotations__ = {"ctx": typer.Context, "incomplete": str}
    return complete


@_quiet
def addable(ctx: typer.Context) -> Iterable[Offer]:
    """Presets, the spec's runtimes, and languages with their `@`; not those that were given already."""
    from envgen import presets, runtimes

    given = set(ctx.params.get("names") or ())
    for name in presets.names():
        if name not in given:
            yield name, "a preset"
    for name in _map(_spec(ctx), "runtimes"):
        yield name, "a runtime of the spec"
    for language in runtimes.names():
        found = runtimes.find(language)
        for major in found.releases if found else ():
            yield f"{language}@{major}", "a runtime"


@_quiet
def presets(ctx: typer.Context) -> Iterable[Offer]:
    """The presets that envgen brings along."""
    from envgen import presets as every

    del ctx
    return every.names()


@_quiet
def codes(ctx: typer.Context) -> Iterable[Offer]:
    """The linter's codes with their names."""
    from envgen.lint import about

    del ctx
    return [(one.code, one.name) for one in about.every()]


@_quiet
def formats(ctx: typer.Context) -> Iterable[Offer]:
    """The formats of findings."""
    from envgen.lint.formats import names

    del ctx
    return names()


@_quiet
def targets(ctx: typer.Context) -> Iterable[Offer]:
    """The kinds of file that are rendered."""
    from pkgutil import iter_modules

    del ctx
    folder = Path(__file__).parents[1] / "targets"  # to import it takes as long as all of envgen
    return sorted(module.name for module in iter_modules([str(folder)]) if module.name != "yaml_text")


@_quiet
def environments(ctx: typer.Context) -> Iterable[Offer]:
    """The spec's environments."""
    return _map(_spec(ctx), "environments")


def _spec(ctx: typer.Context) -> object:
    """The data of the spec that the command is about; None where it can't be read."""
    from envgen.finding import EnvgenError
    from envgen.source import parse

    named, here = ctx.params.get("spec"), Path.cwd()
    path = Path(named) if isinstance(named, str) else _inside(here, *here.parents)
    if path is not None and path.is_dir():
        path = _inside(path)
    if path is None or not path.is_file() or path.stat().st_size > _LARGEST:
        return None
    try:
        return parse(path.read_bytes(), str(path)).data
    except (OSError, EnvgenError):
        return None


def _inside(*folders: Path) -> Path | None:
    return next((path for folder in folders for name in SPEC_NAMES if (path := folder / name).is_file()), None)


def _map(data: object, key: str) -> list[str]:
    found = data.get(key) if isinstance(data, dict) else None
    return [str(name) for name in found] if isinstance(found, dict) else []
