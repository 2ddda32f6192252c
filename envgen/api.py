"""The library: the four steps of the straight line, as functions. `import envgen` offers these names."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from envgen.artifact import Artifact
from envgen.finding import EnvgenError, Finding
from envgen.lint import engine, files
from envgen.lint.configuration import Configurations
from envgen.own_templates import read_templates
from envgen.plan import Plan, resolve
from envgen.project import read_contexts, read_file, read_presets, read_source
from envgen.render import render
from envgen.spec import Spec
from envgen.spec import load as load_source

__all__ = ["Artifact", "EnvgenError", "Finding", "Plan", "Spec", "lint", "load", "render", "resolve"]


def load(path: str | Path) -> Spec:
    """The spec in a file; raises EnvgenError with everything that is wrong with it, and OSError as `open` does."""
    return load_source(read_source(Path(path).read_bytes(), str(path)))


def lint(paths: Iterable[str | Path], today: date | None = None) -> tuple[Finding, ...]:
    """What there is to say about files and the folders below them; `today` decides what is past its end of life.

    The configuration of each file is the nearest one above it, as for `envgen lint`. Raises EnvgenError for one that is
    wrong, for a file of a kind that is not known, or where hadolint is needed and missing.
    """
    settings = Configurations(engine.names)
    found = files.read((str(path) for path in paths), excludes=settings.excludes)
    tools = engine.Tools(contexts=read_contexts, presets=read_presets, templates=read_templates, specs=read_file)
    return engine.lint(found, today=today or date.today(), tools=tools, settings=settings.of)  # noqa: DTZ011 - the caller's own day is meant
