"""Findings that hang on more than one text: taken from an earlier run where all that was asked has the same answers."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from envgen.finding import Finding
from envgen.lint.cache import Cache, restored, stored
from envgen.lint.tools import Tools
from envgen.lint.tree import UNREPEATABLE, Tree

Find = Callable[[], tuple[Sequence[Finding], Sequence[str]]]


def cache_of(tools: Tools, today: date, about: str) -> Cache:
    """The cache of findings that hang on files around, too; `about` keeps kinds of them apart."""
    folder = tools.cache if tools.rules is None else None
    conditions = (about, str(Path.cwd()), today.isoformat(), *sorted(tools.unwanted))
    return Cache(folder, conditions, suffix=".around")


def remembered(cache: Cache, key: str, tree: Tree, find: Find) -> tuple[Sequence[Finding], Sequence[str]]:
    """What `find` returns (findings, and names that belong to them), now or in an earlier run.

    `key` holds everything that it hangs on but what it asks `tree`: these questions and their answers are kept, too.
    """
    entry = cache.load(key)
    if entry is not None and _holds(entry, tree):
        found = [one for path, kept in entry["findings"] for one in restored(kept, tree.text(path) or "", path)]
        return found, entry["names"]
    with tree.recording() as asked:
        findings, names = find()
    if all(kind != UNREPEATABLE for kind, _ in asked):
        by_file: dict[str, list[Finding]] = {}
        for one in findings:
            by_file.setdefault(one.file, []).append(one)
        entry = {
            "asked": [[kind, path, answer] for (kind, path), answer in asked.items()],
            "findings": [[path, stored(found)] for path, found in by_file.items()],
            "names": list(names),
        }
        cache.store(key, entry)
    return findings, names


def _holds(entry: Any, tree: Tree) -> bool:  # noqa: ANN401 - JSON
    return all(tree.answer((kind, path)) == answer for kind, path, answer in entry["asked"])
