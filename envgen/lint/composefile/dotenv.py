"""Reads an env file as compose does (compose-go, dotenv/parser.go): quotes, comments, `export`, interpolation."""

import re
from collections.abc import Callable, Mapping

from envgen.lint.composefile import variables

_SPACE = "\t\v\f\r \x85\xa0"  # space that doesn't end a line
_EXPORT = re.compile(r"export[\t\n\v\f\r ]+")
_KEY = re.compile(r"(?:[^\W]|[_.\-\[\]]|[\t\v\f\r \x85\xa0])*")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_DIGITS = 3  # of an octal escape


class DotenvError(Exception):
    """Compose refuses the file because of the line at `line` (1-based)."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class _At(Exception):  # noqa: N818 - never leaves this module
    """A problem at an offset."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def parse(
    text: str, lookup: Callable[[str], str | None] = lambda _: None, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of an env file; raises DotenvError where compose refuses it.

    `lookup` answers for the variables outside, which win over those of the file in interpolation; `known` are those of
    earlier files.
    """
    found: dict[str, str] = dict(known or {})
    try:
        _read(text, lookup, found)
    except _At as error:
        raise DotenvError(text.count("\n", 0, error.offset) + 1, str(error)) from None
    return found


def _read(text: str, lookup: Callable[[str], str | None], found: dict[str, str]) -> None:
    position = 0

    def resolve(name: str) -> str | None:
        value = lookup(name)
        return found.get(name) if value is None else value

    while (position := _statement(text, position)) < len(text):
        name, position, is_inherited = _name(text, position)
        if is_inherited:
            value = resolve(name)
            if value is not None:
                found[name] = value
            continue
        found[name], position = _value(text, position, resolve)


def _statement(text: str, position: int) -> int:
    """Where the next statement starts: after space, empty lines and comments."""
    while position < len(text):
        if text[position].isspace():
            position += 1
        elif text[position] == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        else:
            break
    return position


def _name(text: str, position: int) -> tuple[str, int, bool]:
    """The name of a variable, where its value starts, and whether there is none on the line."""
    exported = _EXPORT.match(text, position)
    if exported:
        position += len("export")
        while position < len(text) and text[position] in _SPACE:
            position += 1
    match = _KEY.match(text, position)
    end = match.end() if match else position
    if end < len(text) and text[end] not in "=:\n":
        whole = text[position:].split("\n", 1)[0]
        raise _At(position, f"the name of a variable can't hold `{text[end]}`: `{whole[:60].strip()}`")
    if end >= len(text):
        if position >= len(text):
            raise _At(position - 1, "no name follows `export`")
        # compose finds no separator up to the end of the file, and takes nothing for the name and this for the value
        return "", position, False
    name, is_inherited = text[position:end].rstrip(), text[end] == "\n"
    if " " in name:
        raise _At(position, f"the name of a variable can't hold a space: `{name[:60]}`")
    position = end + 1
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return name, position, is_inherited


def _value(text: str, position: int, resolve: Callable[[str], str | None]) -> tuple[str, int]:
    """The value that starts here, and where it ends."""
    quote = text[position : position + 1]
    if quote not in ('"', "'"):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        value = text[position:end].partition(" #")[0].rstrip()
        return _expanded(value, position, resolve), end + 1
    characters: list[str] = []
    at = position + 1
    while at < len(text):
        character = text[at]
        if character == quote:
            value = "".join(characters)
            return (_expanded(_unescaped(value), position, resolve) if quote == '"' else value), at + 1
        if character == "\\" and at + 1 < len(text):
            at += 1
            characters.append(text[at] if text[at] == quote else f"\\{text[at]}")
        else:
            characters.append(character)
        at += 1
    raise _At(position, f"the value has no closing {quote}")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    escape = match[0][1:]
    if escape == "$":
        return "$$"
    if escape[0] == "0":
        digits = escape[1:]
        is_octal = len(digits) == _DIGITS and all(digit < "8" for digit in digits) and int(digits, 8) < 256  # noqa: PLR2004 - a byte
        return chr(int(digits, 8)) if is_octal else match[0]
    return _ESCAPED.get(escape, match[0])


def _expanded(text: str, offset: int, resolve: Callable[[str], str | None]) -> str:
    if "$" not in text:
        return text
    try:
        return variables.resolved(text, resolve)
    except ValueError as error:
        raise _At(offset, str(error)) from None
