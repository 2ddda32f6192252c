"""The words of a service's commands."""

import shlex

from envgen.lint.composefile.short_forms import text_of
from envgen.source import Data

OPERATORS = frozenset({"&&", "||", "|", ">", ">>", "<", "2>&1", "&"})


def words(value: Data) -> list[str]:
    """A command as its words: compose splits a text as a shell would, but runs no shell."""
    if isinstance(value, list):
        return [text for item in value if (text := text_of(item)) is not None]
    return split(value) if isinstance(value, str) else []


def split(text: str) -> list[str]:
    """The words of a shell line; where its quotes don't match, what lies between blanks."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def program(value: Data) -> str:
    """The name of the program that a command starts, without its folder; "" where there is none."""
    found = words(value)
    return found[0].rpartition("/")[2] if found else ""
