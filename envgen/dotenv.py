"""Env files: read as compose does (compose-go, dotenv/parser.go), and values written so that it reads them back."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from envgen.interpolation import Interpolated, Interpolation
from envgen.interpolation import parse as parse_text

_SPACE = "\t\v\f\r \x85\xa0"  # space that doesn't end a line
_EXPORT = re.compile(r"export[\t\n\v\f\r ]+")
_KEY = re.compile(r"(?:[^\W]|[_.\-\[\]]|[\t\v\f\r \x85\xa0])*")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_DIGITS = 3  # of an octal escape
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,-]*")
_WRITTEN = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class DotenvError(Exception):
    """Compose refuses the file because of the line at `line` (1-based)."""

    def __init__(self, line: int, column: int, message: str, reason: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column  # 1-based, in characters
        self.message = message
        self.reason = reason  # the same without any text of the file, which may hold a secret


class _At(Exception):  # noqa: N818 - never leaves this module
    """A problem at an offset."""

    def __init__(self, offset: int, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.reason = reason or message


class _RequiredError(ValueError):
    """A `${NAME:?...}` without a value; `reason` is the message without what the file says of it."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A statement of an env file: `value` is what compose makes of it, None where only a name is written.

    `start` and `end` are the offsets of what is written for the value, quotes included.
    """

    name: str
    value: str | None
    line: int
    column: int
    start: int
    end: int


def written(text: str) -> str:
    """A value that compose reads as that very text: single quotes keep all, double quotes escapes."""
    if _PLAIN.fullmatch(text):
        return text
    if "'" not in text and "\n" not in text and "\r" not in text and not text.endswith("\\"):
        return f"'{text}'"
    return '"' + "".join(_WRITTEN.get(character, character) for character in text) + '"'


def parse(
    text: str, lookup: Callable[[str], str | None] = lambda _: None, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of an env file; raises DotenvError where compose refuses it.

    `lookup` answers for the variables outside, which win over those of the file in interpolation; `known` are those of
    earlier files.
    """
    found: dict[str, str] = dict(known or {})
    for one in assignments(text, lookup, found):
        value = _inherited(one.name, lookup, found) if one.value is None else one.value
        if value is not None:
            found[one.name] = value
    return found


def assignments(
    text: str, lookup: Callable[[str], str | None] = lambda _: None, known: Mapping[str, str] | None = None
) -> Iterator[Assignment]:
    """The statements of an env file in order, a name as often as it is set; raises DotenvError as `parse` does."""
    found: dict[str, str] = dict(known or {})
    try:
        for one in _read(text, lambda name: _inherited(name, lookup, found)):
            if one.value is not None:
                found[one.name] = one.value
            yield one
    except _At as error:
        line, column = _place(text, error.offset)
        raise DotenvError(line, column, str(error), error.reason) from None


def _inherited(name: str, lookup: Callable[[str], str | None], found: Mapping[str, str]) -> str | None:
    value = lookup(name)
    return found.get(name) if value is None else value


def _read(text: str, resolve: Callable[[str], str | None]) -> Iterator[Assignment]:
    position = 0
    line, counted = 1, 0
    while (position := _statement(text, position)) < len(text):
        name, begin, is_inherited = _name(text, position)
        line += text.count("\n", counted, position)
        counted = position
        column = position - text.rfind("\n", 0, position)
        if is_inherited:
            yield Assignment(name=name, value=None, line=line, column=column, start=begin, end=begin)
            position = begin
            continue
        value, end, position = _value(text, begin, resolve)
        yield Assignment(name=name, value=value, line=line, column=column, start=begin, end=end)


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


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
        reason = f"the name of a variable can't hold `{text[end]}`"
        raise _At(position, f"{reason}: `{whole[:60].strip()}`", reason)
    if end >= len(text):
        if position >= len(text):
            raise _At(position - 1, "no name follows `export`")
        # compose finds no separator up to the end of the file, and takes nothing for the name and this for the value
        return "", position, False
    name, is_inherited = text[position:end].rstrip(), text[end] == "\n"
    if " " in name:
        reason = "the name of a variable can't hold a space"
        raise _At(position, f"{reason}: `{name[:60]}`", reason)
    position = end + 1
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return name, position, is_inherited


def _value(text: str, position: int, resolve: Callable[[str], str | None]) -> tuple[str, int, int]:
    """The value that starts here, where what is written for it ends, and where to go on."""
    quote = text[position : position + 1]
    if quote not in ('"', "'"):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        value = text[position:end].partition(" #")[0].rstrip()
        return _expanded(value, position, resolve), position + len(value), end + 1
    characters: list[str] = []
    at = position + 1
    while at < len(text):
        character = text[at]
        if character == quote:
            value = "".join(characters)
            return (_expanded(_unescaped(value), position, resolve) if quote == '"' else value), at + 1, at + 1
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
        return resolved(text, resolve)
    except _RequiredError as error:
        raise _At(offset, str(error), error.reason) from None
    except ValueError as error:
        raise _At(offset, str(error), "compose can't read the `$` in this value") from None


def resolved(raw: str, lookup: Callable[[str], str | None]) -> str:
    """A text with its variables replaced, the unknown ones by nothing; raises ValueError where compose refuses it."""
    parsed = parse_text(raw)
    if not isinstance(parsed, Interpolated):
        return parsed
    return "".join(part if isinstance(part, str) else _resolved(part, lookup) for part in parsed.parts)


def _resolved(part: Interpolation, lookup: Callable[[str], str | None]) -> str:
    value = lookup(part.name)
    is_there = value is not None and (bool(value) or not part.operator.startswith(":"))
    if part.operator in (":-", "-") and not is_there:
        return resolved(part.operand, lookup)
    if part.operator in (":?", "?") and not is_there:
        reason = f"the variable `{part.name}` has to be set, and is not"
        raise _RequiredError(f"{reason}: {part.operand}" if part.operand else reason, reason)
    if part.operator in (":+", "+"):
        return resolved(part.operand, lookup) if is_there else value or ""
    return value or ""
