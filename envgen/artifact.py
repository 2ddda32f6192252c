"""A rendered file before it is written: where it belongs and what it says."""

import posixpath
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LOCK_NAME = "envgen.lock"

_OUR_INPUTS = frozenset({"envgen.yaml", "envgen.yml", "envgen.json", LOCK_NAME})


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    r"""One file as it is rendered.

    `path` is relative to the spec's folder, posix and normalised; `text` has "\n" line ends and ends in one; `origin`
    is the route of the spec place that makes the file exist.
    """

    path: str
    text: str
    origin: tuple[str | int, ...] = ()


def path_key(path: str) -> str:
    """What two paths have in common that are one file on a disk that ignores case and Unicode forms, as macOS's do."""
    return unicodedata.normalize("NFC", path).casefold()


def path_problem(path: str) -> str | None:
    """Why `path` can't be an output below the spec's folder, whatever is on disk; None if it can."""
    odd = "\\" in path or any(unicodedata.category(character) in {"Cc", "Cs"} for character in path)
    outside = path == ".." or path.startswith(("/", "../"))
    problems = (
        (not path, "the path is empty"),
        (odd, "the path holds a backslash, a control character or half a character"),
        (outside, "the path leads out of the project"),
        (posixpath.normpath(path) != path or path == ".", "the path is not in its shortest form"),
        (path_key(path) in _OUR_INPUTS, "envgen reads this file, so it can't be an output"),
        (any(path_key(part) == ".git" for part in path.split("/")), "nothing is written into .git"),
    )
    return next((problem for applies, problem in problems if applies), None)


def clashes(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each path that can't be written beside the others, with the reason."""
    first: dict[str, str] = {}
    for path in paths:
        other = first.get(path_key(path))
        if other is None:
            first[path_key(path)] = path
        else:
            yield path, "two outputs have this path" if other == path else f"the path differs from {other} only by case"
    for path in first.values():
        for end in (i for i, character in enumerate(path) if character == "/"):
            folder = first.get(path_key(path[:end]))
            if folder is not None:
                yield path, f"{folder} is an output, too, and can't be both a file and a folder"
