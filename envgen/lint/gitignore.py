"""Which files git ignores: .gitignore files at every level and .git/info/exclude, as `git status` reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec import GitIgnoreSpec

# a folder (absolute) and the patterns that hold below it
Level: TypeAlias = "tuple[str, GitIgnoreSpec]"
Levels: TypeAlias = tuple[Level, ...]  # the deepest first


def above(folder: str) -> Levels:
    """The patterns that hold in a folder because of where it lies, its own .gitignore not included.

    A folder that git ignores itself has none: who names it wants to see what is in it.
    """
    start = Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays what it is called
    top = next((one for one in (start, *start.parents) if (one / ".git").exists()), None)
    if top is None:
        return ()
    levels = _excluded(top)
    for one in reversed([parent for parent in (start, *start.parents) if top in parent.parents]):
        levels = inside(str(one.parent), levels)
        if is_ignored(f"{one}/", levels):
            return ()
    return levels


def inside(folder: str, levels: Levels) -> Levels:
    """The patterns that hold in a folder, given those that hold in the one above it."""
    folder = os.path.abspath(folder)  # noqa: PTH100 - see above
    if (Path(folder) / ".git").exists() and not (levels and levels[-1][0] == folder):
        levels = _excluded(Path(folder))  # a repository in a repository
    patterns = _patterns(Path(folder, ".gitignore"))
    return ((folder, patterns), *levels) if patterns else levels


def is_ignored(path: str, levels: Levels) -> bool:
    """Whether git ignores a path (that of a folder ends in `/`) in a folder that it doesn't ignore."""
    if not levels:
        return False
    whole = os.path.abspath(path) + ("/" if path.endswith("/") else "")  # noqa: PTH100 - see above
    for folder, patterns in levels:
        verdict = patterns.check_file(whole[len(folder.rstrip("/")) + 1 :]).include
        if verdict is not None:
            return verdict
    return False


def _excluded(top: Path) -> Levels:
    git = top / ".git"
    try:
        if git.is_file():  # a work tree or a submodule
            git = top / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            common = git / "commondir"
            git = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
    except (OSError, UnicodeDecodeError):
        return ()
    patterns = _patterns(git / "info" / "exclude")
    return ((str(top), patterns),) if patterns else ()


def _patterns(path: Path) -> GitIgnoreSpec | None:
    if not path.is_file():  # reading a pipe may never end
        return None
    try:
        lines = path.read_bytes().decode("utf-8-sig", "surrogateescape").splitlines()
    except OSError:
        return None
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    return _parsed(lines) if lines else None


def _parsed(lines: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only who has patterns pays for it

    lines = list(lines)
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git, too, passes over the lines that it can't read
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - as above

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
