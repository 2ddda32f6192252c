"""Values as YAML that a person would be glad to have written, and that every YAML reader takes for the same values."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from envgen.interpolation import Interpolated, escape
from envgen.plan.model import Value

_WIDTH = 110
_LONGEST_KEY = 1000  # YAML takes 1,024 characters before a `:`
_PLAIN = re.compile(r"(?:[A-Za-z_/]|\./)[A-Za-z0-9_./@+-]*(?:[ :=,][A-Za-z0-9_./@+-]+)*")
_PLAIN_IN_FLOW = re.compile(r"(?:[A-Za-z_/]|\./)[A-Za-z0-9_./@+-]*")
# durations, sizes and IPv4 addresses start with a digit, but no YAML version takes them for numbers
_DIGITS_FIRST = re.compile(r"[0-9]+(?:ms|s|m|h|k|g|b|mb|gb)|[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
# what YAML 1.1 or 1.2 readers take for a boolean or nothing
_WORDS = re.compile(r"y|n|yes|no|on|off|true|false|null", re.IGNORECASE)
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]")
_FLOATS = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}
# what JSON leaves as it is, but a YAML reader takes for a line end, or refuses
_ODD = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Override:
    """A value of an overlay that replaces what the file below has: compose's tag `!override`."""

    value: Value


class Reset(Enum):
    """What is gone in an overlay: compose's tag `!reset`."""

    RESET = "!reset null"


RESET = Reset.RESET
Entry: TypeAlias = "Value | Override | Reset | dict[str, Entry]"
Entries: TypeAlias = Mapping[str, "Entry"]


def block(value: "Mapping[str, Value] | Entries", indent: int) -> str:
    """A map in block style, each line indented by so many spaces, without a line end at the end."""
    return "\n".join(_indented(_map_lines(value), indent))


def scalar(value: "Value", *, flow: bool = False) -> str:
    """A scalar; `flow` where it stands inside of brackets."""
    if isinstance(value, str | Interpolated):
        return _text(escape(value), _PLAIN_IN_FLOW if flow else _PLAIN)
    if isinstance(value, float):
        return _FLOATS.get(repr(value), repr(value))
    return json.dumps(value)


def _text(text: str, plain: re.Pattern[str]) -> str:
    """Text as it is where no reader takes it for anything else, else in quotes."""
    if (plain.fullmatch(text) and not _WORDS.fullmatch(text)) or _DIGITS_FIRST.fullmatch(text):
        return text
    if ('"' in text or "\\" in text) and not _UNSHOWN.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _ODD.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _map_lines(value: "Mapping[str, Value] | Entries") -> Iterator[str]:
    for key, entry in value.items():
        name = _text(key, _PLAIN)  # compose replaces nothing in keys
        head = f"{name}:"
        if len(name) > _LONGEST_KEY:
            yield f"? {name}"
            head = ":"
        if isinstance(entry, Reset):
            yield f"{head} {entry.value}"
            continue
        item = entry.value if isinstance(entry, Override) else entry
        head += " !override" if isinstance(entry, Override) else ""
        if item is None:
            yield head
        elif isinstance(item, Mapping | list):
            inline = _inline(item)
            if inline is not None and (not item or len(head) + len(inline) < _WIDTH):
                yield f"{head} {inline}"
            else:
                yield head
                yield from _indented(_lines(item), 2)
        else:
            yield from _scalar_lines(head, item)


def _lines(value: "list[Value] | Mapping[str, Value] | Entries") -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _map_lines(value)
        return
    for item in value:
        if isinstance(item, dict | list) and _inline(item) is None:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from _indented(rest, 2)
        else:
            inline = _inline(item) if isinstance(item, dict | list) else None
            if inline is not None:
                yield f"- {inline}"
            else:
                yield from _scalar_lines("-", item)


def _scalar_lines(head: str, item: "Value") -> Iterator[str]:
    """`head` and a scalar after it; text of several lines as a literal block where it can be one."""
    text = escape(item) if isinstance(item, str | Interpolated) else ""
    lines = text.split("\n")
    if len(lines) > 1 and lines[-1] == "":
        style, lines = "|", lines[:-1]
    else:
        style = "|-"
    tidy = not any(_UNSHOWN.search(line) or line.endswith(" ") for line in lines)
    if len(lines) > 1 and tidy and lines[-1] and lines[0] and not lines[0].startswith(" "):
        yield f"{head} {style}"
        yield from _indented(lines, 2)
    else:
        yield f"{head} {scalar(item)}"


def _indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    """Lines that start so many spaces further right; empty ones stay empty."""
    return (" " * indent + line if line else line for line in lines)


def _inline(value: "list[Value] | Mapping[str, Value] | Entries") -> str | None:
    """The flow form of a collection that is short and plain enough to be read on one line."""
    if not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    if isinstance(value, Mapping) or any(isinstance(item, dict | list) for item in value):
        return None
    text = f"[{', '.join(scalar(item, flow=True) for item in value)}]"
    return text if len(text) < _WIDTH else None
