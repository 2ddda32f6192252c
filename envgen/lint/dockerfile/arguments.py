"""The text of one instruction -> keyword, flags and arguments, as BuildKit's parser splits them.

Source of the behaviour: frontend/dockerfile/parser of https://github.com/moby/buildkit (2026-08).
"""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

_SPACES = re.compile(r"[\t\v\f\r ]+")
_FIRST_WORD = re.compile(r"\s*(\S+)\s*")
Words = tuple[list[str], bool]
"""Arguments, and whether they were in JSON form."""


class RefusedError(ValueError):
    """BuildKit's parser refuses the instruction; the text says why."""


def split_instruction(text: str, escape: str) -> tuple[str, list[str], str]:
    """Keyword, flags without quotes, and the rest of an instruction."""
    parts = _SPACES.split(text.strip(), 1)
    if len(parts) == 1:
        return parts[0], [], ""
    rest = parts[1].lstrip()
    if not rest.startswith("--"):
        return parts[0], [], rest
    flags, rest = _flags(rest, escape)
    return parts[0], flags, rest.strip()


def split_arguments(name: str, rest: str, escape: str) -> Words:
    """The arguments of an instruction (`name` in upper case) and whether they are in JSON form.

    An unknown instruction has none. Raises RefusedError.
    """
    parser = _PARSERS.get(name)
    return parser(rest, escape) if parser and rest else ([], False)


def words(text: str, escape: str) -> list[str]:
    """Words with their quotes and escapes kept; a quoted space doesn't end one."""
    return [match[0] for match in _word(escape).finditer(text)]


@cache
def _word(escape: str) -> re.Pattern[str]:
    token = re.escape(escape)
    double = rf'"(?:[^"{token}]++|{token}.)*+(?:"|$|(?={token}\Z))'
    return re.compile(rf"(?:[^\s'\"{token}]++|{token}.|'[^']*+(?:'|$)|{double})+", re.DOTALL)


@cache
def _unquoted(escape: str) -> re.Pattern[str]:
    return re.compile(rf"[^\s'\"{re.escape(escape)}]+")


@cache
def _quoted(escape: str, quote: str) -> re.Pattern[str]:
    return re.compile(rf"[^{quote}{re.escape(escape)}]+")


def _flags(text: str, escape: str) -> tuple[list[str], str]:
    """The words at the start that begin with `--`, and what follows them; a bare `--` ends them."""
    flags: list[str] = []
    position = 0
    while text.startswith("--", position):
        flag, position = _flag(text, position, escape)
        if flag == "--":
            break
        flags.append(flag)
        while position < len(text) and text[position].isspace():
            position += 1
    return flags, text[position:]


def _flag(text: str, position: int, escape: str) -> tuple[str, int]:
    """A flag without its quotes, and where it ends."""
    out: list[str] = []
    quote = ""
    while position < len(text):
        run = (_quoted(escape, quote) if quote else _unquoted(escape)).match(text, position)
        if run:
            out.append(run[0])
            position = run.end()
            continue
        char = text[position]
        if char == escape:
            out.append(text[position + 1 : position + 2])
            position += 2
        elif char == quote:
            quote = ""
            position += 1
        elif not quote and char in "'\"":
            quote = char
            position += 1
        else:  # a space
            break
    return "".join(out), min(position, len(text))


def _constant(_: str) -> Any:  # noqa: ANN401 - what json wants
    raise ValueError("no JSON")


def _json(rest: str) -> list[str] | None:
    """The strings of a JSON array, None where it is none. Raises RefusedError for one of other things."""
    if not rest.lstrip().startswith("["):
        return None
    try:
        found = json.loads(rest, parse_constant=_constant)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(one, str) for one in found):
        raise RefusedError("a JSON form may hold strings only")
    return list(found)


def _json_or_text(rest: str, _: str) -> Words:
    found = _json(rest)
    return ([rest], False) if found is None else (found, True)


def _json_or_words(rest: str, _: str) -> Words:
    found = _json(rest)
    return (_SPACES.split(rest), False) if found is None else (found, True)


def _by_spaces(rest: str, _: str) -> Words:
    return _SPACES.split(rest), False


def _one(rest: str, _: str) -> Words:
    return [rest], False


def _by_words(rest: str, escape: str) -> Words:
    return words(rest, escape), False


def _pairs(rest: str, escape: str) -> Words:
    found = words(rest, escape)
    if not found:
        return [], False
    if "=" not in found[0]:
        parts = _SPACES.split(rest, 1)
        if len(parts) == 1:
            raise RefusedError(f"`{parts[0]}` has no value")
        return [*parts, ""], False
    args: list[str] = []
    for word in found:
        key, equals, value = word.partition("=")
        if not equals:
            raise RefusedError(f"`{word}` has no `=`: pairs have the form `name=value`")
        args += (key, value, "=")
    return args, False


def _healthcheck(rest: str, escape: str) -> Words:
    match = _FIRST_WORD.match(rest)
    if match is None:
        return [], False
    command = rest[match.end() :]
    args, is_json = _json_or_text(command, escape) if command else ([], False)
    return [match[1], *args], is_json


_PARSERS: dict[str, Callable[[str, str], Words]] = {
    "ADD": _json_or_words,
    "ARG": _by_words,
    "CMD": _json_or_text,
    "COPY": _json_or_words,
    "ENTRYPOINT": _json_or_text,
    "ENV": _pairs,
    "EXPOSE": _by_spaces,
    "FROM": _by_spaces,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _pairs,
    "MAINTAINER": _one,
    "RUN": _json_or_text,
    "SHELL": _json_or_text,
    "STOPSIGNAL": _one,
    "USER": _one,
    "VOLUME": _json_or_words,
    "WORKDIR": _one,
}
KNOWN = frozenset({*_PARSERS, "ONBUILD"})
"""The instructions that there are."""
