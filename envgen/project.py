"""Reads from disk what a plan needs to know of a project: the files of its build contexts. Changes nothing."""

import posixpath
from collections.abc import Mapping
from pathlib import Path

from envgen import runtimes
from envgen.plan import Context
from envgen.spec.model import Build, Spec

SPEC_NAMES = ("envgen.yaml", "envgen.yml", "envgen.json")
_LARGEST = 8 * 1024 * 1024


def find_spec(start: Path) -> Path | None:
    """The nearest spec in a folder or those above it, or None."""
    folders = (start, *start.parents)
    return next((path for folder in folders for name in SPEC_NAMES if (path := folder / name).is_file()), None)


def read_contexts(spec: Spec, root: Path) -> Mapping[str, Context]:
    """What is in the build contexts of the services that use a runtime; `root` is the spec's folder."""
    languages = map(runtimes.find, runtimes.names())
    names = sorted({name for language in languages if language for name in language.context_files})
    contexts: dict[str, Context] = {}
    for service in spec.services.values():
        if service.uses is None:
            continue
        build = service.build
        context = posixpath.normpath(build.context if isinstance(build, Build) else build or ".")
        if context not in contexts and "$" not in context and "://" not in context:
            contexts[context] = _read(root / context, names)
    return contexts


def _read(folder: Path, names: list[str]) -> Context:
    if not folder.is_dir():
        return Context(exists=False)
    ignore = _text(folder / ".dockerignore") or ""
    patterns = tuple(line.strip() for line in ignore.removeprefix("\ufeff").splitlines())
    return Context(
        ignore=tuple(pattern for pattern in patterns if pattern and not pattern.startswith("#")),
        files={name: _text(folder / name) for name in names},
    )


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
