"""Reads from disk what a plan needs to know of a build context: its .dockerignore, and files that languages ask for."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from envgen.plan import Context

_LARGEST = 8 * 1024 * 1024
# what a project's own manifests never lie in: made by tools, and often huge
_SKIPPED = frozenset({".git", ".gradle", ".next", ".venv", "build", "dist", "node_modules", "target", "vendor", "venv"})
_MADE_BY_DOTNET = frozenset({"bin", "obj"})  # beside a project; elsewhere it may be anything (crates/bin)
_DEEPEST = 6  # folders below the context
_MOST_FOLDERS = 5_000
_MOST_FILES = 200  # of one glob that names folders


def read_context(folder: Path, patterns: Iterable[str]) -> Context:
    """What is known of a context; `patterns` are paths in it, or `**/NAME` for files of that name at any depth."""
    if not folder.is_dir():
        return Context(exists=False)
    ignore = _text(folder / ".dockerignore") or ""
    # as Docker reads it: only "\n" ends a line, and an indented `#` is no comment
    lines = ignore.removeprefix("\ufeff").split("\n")
    names = sorted(set(patterns))
    anywhere = [name.removeprefix("**/") for name in names if name.startswith("**/")]
    at_root = [name for name in names if "*" in name and not name.startswith("**/")]
    plain = [name for name in names if "*" not in name]
    found = [*plain, *_matching(folder, at_root), *(_below(folder, anywhere) if anywhere else ())]
    return Context(
        ignore=tuple(line.strip() for line in lines if line.strip() and not line.startswith("#")),
        files={name: _text(folder / name) for name in dict.fromkeys(found)},
    )


def _matching(folder: Path, patterns: list[str]) -> Iterator[str]:
    """The files that match a glob at the context's root, or one that names the folders above them (`*/__init__.py`)."""
    try:
        entries = sorted(entry.name for entry in folder.iterdir()) if patterns else []
    except OSError:
        entries = []
    yield from (name for name in entries if any(fnmatchcase(name, pattern) for pattern in patterns))
    for pattern in patterns:
        if "/" in pattern:
            found = sorted(path.relative_to(folder) for path in folder.glob(pattern))
            yield from (path.as_posix() for path in found[:_MOST_FILES] if not _SKIPPED.intersection(path.parts))


def _below(root: Path, patterns: list[str]) -> Iterator[str]:
    """The files of some names in a context and its folders, in a bounded search that follows no links."""
    for seen, (folder, folders, files) in enumerate(os.walk(root)):
        inside = Path(folder).relative_to(root)
        deep = len(inside.parts) >= _DEEPEST or seen >= _MOST_FOLDERS
        skipped = _SKIPPED | (_MADE_BY_DOTNET if any(name.endswith("proj") for name in files) else frozenset())
        folders[:] = [] if deep else sorted(name for name in folders if name not in skipped)
        for name in sorted(files):
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                yield (inside / name).as_posix()


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
