"""`envgen render --watch`: renders again when the spec, or what else was read for it, changes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from envgen.cli.console import Project, cannot, complain, count, read_project, read_spec, usage_error

if TYPE_CHECKING:
    from envgen.source import Data
    from envgen.write import Report

_CONTEXT_KEYS = ("build", "context")


def check_watch(spec: str | None, **others: bool) -> None:
    """Raises EnvgenError for what doesn't go with --watch: `others` are such options, and whether they are given."""
    if spec == "-":
        raise usage_error("--watch and standard input don't go together", "name the spec's path", "--watch")
    for name, is_given in others.items():
        if is_given:
            raise usage_error(f"--watch and --{name} don't go together", "take one of them", "--watch")


def watch(spec: str | None, output_format: str, write: "Callable[[Project], Report]") -> None:
    """Render until interrupted; what is wrong is printed, and the next change is waited for."""
    from envgen.watching import watch as watch_files

    is_news = is_first = True  # whether it is worth saying that all is up to date

    def work() -> list[Path]:
        nonlocal is_first, is_news
        try:
            with cannot(output_format):
                say(write(read_project(spec)), is_news=is_news)
                is_news = False
        except typer.Exit:
            is_news = True  # `cannot` has said why
        if is_first:
            complain("watching for changes; Ctrl-C ends it")
        is_first = False
        return list(_folders(spec))

    watch_files(work)


def say(report: "Report", *, is_news: bool = True) -> None:
    """What a render did; where it did nothing, only if that is news."""
    for verb, paths in (("wrote", report.written), ("deleted", report.deleted)):
        for path in paths:
            complain(f"{verb} {path}")
    for path in report.kept:
        complain(f"kept {path}: it is no longer rendered, but was edited by hand, so it is yours now")
    if is_news and not report.written and not report.deleted:
        complain(f"{count(len(report.unchanged), 'file')} up to date")


def _folders(spec: str | None) -> Iterator[Path]:
    """The build contexts that the spec names, as far as it can be read: a file that is missing there may come."""
    from envgen.finding import EnvgenError
    from envgen.source import parse

    try:
        path, content = read_spec(spec)
        data = parse(content, str(path)).data
    except EnvgenError:
        return
    root = path.parent if path else Path()
    yield from (folder for name in _contexts(data) if (folder := root / name).is_dir())


def _contexts(data: "Data") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in _CONTEXT_KEYS and isinstance(value, str) and "\0" not in value:
                yield value
            yield from _contexts(value)
