"""Files that a tool such as cookiecutter or jq makes a Dockerfile of are none yet."""

from collections.abc import Iterable

TEMPLATE_MARKS = ("{{", "{%", "{#")


def is_templated(words: Iterable[str]) -> bool:
    """Whether one of the words of an instruction holds a template's mark."""
    return any(mark in word for word in words for mark in TEMPLATE_MARKS)
