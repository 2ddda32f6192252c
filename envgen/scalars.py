"""What a YAML scalar means to docker-compose (compose-go on go-yaml v4), checked in tests against the binary."""

import base64
import binascii
import re
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str | None

PREFIX = "tag:yaml.org,2002:"
STR, INT, FLOAT, BOOL, NULL, BINARY, TIMESTAMP, MERGE = (
    PREFIX + name for name in ("str", "int", "float", "bool", "null", "binary", "timestamp", "merge")
)
OVERRIDE = "!override"
RESET = "!reset"

WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("-0", "-0.0"), -0.0),
}
# plain scalars that start otherwise are text: the one test that most scalars of a file need
SPECIAL_STARTS = frozenset({"", *"+-.0123456789tTfFnN~<"})

_UNHOLDABLE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES = (16, 2, 8, 10)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})"
    r"| +[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?"
)
_MAX_INT64 = 2**63 - 1
_MAX_UINT64 = 2**64 - 1
_MAX_DIGITS = 64  # of a uint64 in base 2


class ScalarError(ValueError):
    """A scalar that compose refuses or can't hold; `hint` says what to write."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def resolve(text: str, plain: bool, tag: str | None) -> Scalar:  # noqa: FBT001 - the interface other modules know
    """The value of the scalar `text`, written without quotes (`plain`) or with, and with the long form of its tag.

    Rules, all of go-yaml v4.0.0-rc.6, internal/libyaml: an untagged quoted scalar is its text (resolver.go, Resolve);
    a plain one is what `_implicit` says; a core tag demands that kind of value whether quoted or not (resolver.go, the
    deferred part of resolve); `!`, `!!str` and `!override` make it text (constructor.go, scalar: unknown tags).

    Deliberate differences: a timestamp stays the text as written, where compose rewrites 2001-01-01 to
    "2001-01-01 00:00:00 +0000 UTC"; an unknown tag is an error, where compose takes the text silently.
    Raises ScalarError for what compose refuses, too.
    """
    if tag is None:
        return _implicit(text) if plain else text
    if tag in {"!", STR, OVERRIDE}:
        return text
    if tag == BINARY:
        return _binary(text)
    if tag == TIMESTAMP:
        if _TIMESTAMP.fullmatch(text):
            return text
    elif tag in _KINDS:
        value = _implicit(text)
        if tag == FLOAT and type(value) is int and value <= _MAX_INT64:
            return float(value)
        if type(value) in _KINDS[tag]:
            return value
    else:
        raise ScalarError(f"compose doesn't know the tag `{short(tag)}`", "Remove the tag, or quote the text.")
    raise ScalarError(f"`{_cut(text)}` is no `{short(tag)}`", "Remove the tag, or write a value that it fits.")


_KINDS: dict[str, tuple[type, ...]] = {INT: (int,), FLOAT: (float,), BOOL: (bool,), NULL: (type(None),)}


def short(tag: str) -> str:
    """The tag as people write it: `!!int`, `!reset`."""
    return "!!" + tag.removeprefix(PREFIX) if tag.startswith(PREFIX) else tag


def _implicit(text: str) -> Scalar:
    """The value of an untagged plain scalar (go-yaml, resolver.go: resolve, resolveMap and resolveTable).

    Words of the YAML 1.2 core schema only (yes, on, y stay text); underscores are dropped from numbers; integers as
    Go's strconv.ParseInt with base 0 reads them (0x, 0b, 0o and a leading 0 for octal), then as ParseUint does (no
    sign, up to 64 bits); then floats of yamlStyleFloat, where a value beyond float64 is text (ParseFloat's ErrRange).
    After a leading dot underscores stand between digits only (Go's ParseFloat); base 60 and timestamps are text here.
    """
    if text in WORDS:
        return WORDS[text]
    start = text[0]
    if start == "<" and text == "<<":
        raise ScalarError("`<<` merges mappings and can only be a key", 'Write "<<" in quotes if you mean the text.')
    if start not in "+-.0123456789":
        return text
    if _UNHOLDABLE.fullmatch(text):
        raise ScalarError(f"compose can't hold the number `{text}`", f'Write "{text}" in quotes if you mean the text.')
    digits = text.replace("_", "") if start != "." or _DOT_FLOAT.fullmatch(text) else text
    if (integer := _INTEGER.fullmatch(digits)) and (whole := _integer(integer)) is not None:
        return whole
    if _FLOAT.fullmatch(digits):
        number = float(digits)
        if abs(number) != float("inf"):
            return number
    return text


def _integer(match: re.Match[str]) -> int | None:
    """The integer of an _INTEGER match, or None when neither int64 nor (without a sign) uint64 holds it."""
    sign, *groups = match.groups()
    digits, base = next((group, base) for group, base in zip(groups, _BASES, strict=True) if group)
    digits = digits.lstrip("0") or "0"
    if len(digits) > _MAX_DIGITS:
        return None
    value = int(sign + digits, base)
    return value if -_MAX_INT64 - 1 <= value <= (_MAX_INT64 if sign else _MAX_UINT64) else None


def _binary(text: str) -> str:
    """The text that `!!binary` holds in base64 (constructor.go, scalar; Go's StdEncoding skips line ends only)."""
    try:
        return base64.b64decode(text.replace("\n", ""), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise ScalarError("`!!binary` takes base64 of UTF-8 text", "Write the text itself, in quotes.") from None


def _cut(text: str) -> str:
    """The text, short enough for a message."""
    return text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004 - a width, used once
