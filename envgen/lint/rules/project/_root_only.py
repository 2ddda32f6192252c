"""Patterns of a .dockerignore that match at the top of the context only, unlike the same ones in a .gitignore."""

from collections.abc import Iterator

from envgen.lint.project import Ignore


def root_only(ignore: Ignore) -> Iterator[tuple[int, str]]:
    """Line and name of the patterns that are one plain name without folders or wildcards."""
    for line, written in ignore.patterns:
        pattern = written.removeprefix("./").strip("/")
        if pattern and not written.startswith(("!", "/")) and not any(char in pattern for char in "/*?[\\"):
            yield line, pattern
