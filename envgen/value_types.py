r"""The types of environment variables: what a text has to be to be a whole number, a port, a duration, ...

A check answers with what is wrong, as the end of a sentence (`is no whole number`), and never repeats the text: it may
be a secret. Durations are Go's (https://pkg.go.dev/time#ParseDuration), sizes those of the compose specification
(https://docs.docker.com/reference/compose-file/extension/#specifying-byte-values), patterns those of Rust's regex crate
(https://docs.rs/regex/latest/regex/#syntax), which pydantic brings along: it matches in linear time, whatever the
pattern, and refuses one that would need much memory.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

MAX_PORT = 65535
LONGEST_PATTERN = 1000  # characters; the crate bounds what it may compile to
_INT = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DURATION = re.compile(r"(?P<sign>[+-]?)(?P<parts>0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_DURATION_PART = re.compile(r"(?P<number>[0-9.]+)(?P<unit>[a-zµμ]+)")
_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9}
_NANOSECONDS |= {"h": 3600 * 10**9}
_LONGEST_DURATION = 2**63 - 1  # nanoseconds, Go's int64
_BYTES = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>[kKmMgGtTpP]?)(?:(?<=[kKmMgGtTpP])[iI]?[bB]|[bB])?")
_FACTORS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f]+")
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]+:[0-9]+(?:/.*)?")
_WEB = ("http", "https", "ws", "wss")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

GENERATED = ("password", "hex", "base64", "base64url", "uuid")
"""How a secret can be made."""
TEXTS = ("string", "url", "path")
"""The types that a pattern and a length can be asked of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueType:
    """What a value has to be: a type of `TYPES`, and what it may be beyond that.

    `minimum` and `maximum` are in the type's own notation, lengths in characters; `pattern` has to match all of it.
    """

    type: str = "string"
    values: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None

    def problem(self, text: str) -> str | None:
        """What is wrong with a text, as the end of a sentence; None where it is a value of this type."""
        if self.type == "enum":
            return None if text in self.values or not self.values else f"is not one of {', '.join(self.values)}"
        expected, fits = TYPES[self.type]
        if not fits(text):
            return f"is no {expected}"
        return self._out_of_range(text) or self._wrong_length(text) or self._mismatch(text)

    @property
    def summary(self) -> str:
        """The type and its limits in words: `port from 1024 to 2000`, `one of debug, info`; "" where any text fits."""
        if self.type == "enum":
            return f"one of {', '.join(self.values)}"
        limits = (
            _between(self.minimum, self.maximum, ""),
            _between(self.min_length, self.max_length, " characters"),
            f"that matches {self.pattern}" if self.pattern is not None else "",
        )
        said = [limit for limit in limits if limit]
        if self.type == "string" and not said:
            return ""
        return " ".join([NAMES.get(self.type, self.type), *said])

    def _out_of_range(self, text: str) -> str | None:
        number = amount(self.type, text)
        low, high = (amount(self.type, bound) if bound is not None else None for bound in (self.minimum, self.maximum))
        if number is None:
            return None
        if low is not None and number < low:
            return f"is less than {self.minimum}"
        return f"is more than {self.maximum}" if high is not None and number > high else None

    def _wrong_length(self, text: str) -> str | None:
        if self.min_length is not None and len(text) < self.min_length:
            return f"has fewer than {self.min_length} characters"
        if self.max_length is not None and len(text) > self.max_length:
            return f"has more than {self.max_length} characters"
        return None

    def _mismatch(self, text: str) -> str | None:
        if self.pattern is None or matches(self.pattern, text):
            return None
        return f"does not match the pattern {self.pattern} (all of it has to)"


def amount(type_name: str, text: str) -> "Decimal | Fraction | None":
    """What a text of a type with an order is: a number, nanoseconds or bytes; None for other types and other text."""
    measure = _AMOUNTS.get(type_name)
    return measure(text) if measure is not None else None


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern can't be used, as a sentence; None where it can."""
    from pydantic_core import SchemaError  # noqa: PLC0415 - only who has patterns pays for it

    if len(pattern) > LONGEST_PATTERN:
        return f"the pattern is longer than {LONGEST_PATTERN} characters"
    try:
        _compiled(pattern)
    except SchemaError as error:
        if "size limit" in str(error):
            return "the pattern is too large: it stands for more than 10 MiB of states"
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[-1].removeprefix("error: ").removeprefix("SchemaError: ")
        return f"the pattern can't be read: {reason.rstrip('.')}"
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches all of a text."""
    from pydantic_core import ValidationError  # noqa: PLC0415 - as above

    try:
        _compiled(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "SchemaValidator":
    from pydantic_core import SchemaValidator, core_schema  # noqa: PLC0415 - as above

    # alone first: what closes a bracket that it never opened must not close ours
    SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    return SchemaValidator(core_schema.str_schema(pattern=rf"\A(?:{pattern})\z", regex_engine="rust-regex"))


def _between(low: object, high: object, unit: str) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"of at least {low}{unit}"
    return f"of at most {high}{unit}" if low is None else f"of {low} to {high}{unit}"


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:  # an exponent of dozens of digits
        return None


def _duration(text: str) -> Fraction | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    try:
        parts = _DURATION_PART.finditer(match["parts"])
        total = sum((Fraction(part["number"]) * _NANOSECONDS[part["unit"]] for part in parts), Fraction())
    except ValueError:  # more digits than Python turns into a number
        return None
    if total > _LONGEST_DURATION:
        return None
    return -total if match["sign"] == "-" else total


def _bytes(text: str) -> Fraction | None:
    match = _BYTES.fullmatch(text)
    if match is None:
        return None
    try:
        size = Fraction(match["number"]) * _FACTORS[match["unit"].lower()]
    except ValueError:  # as above
        return None
    return size if size < 2**63 else None


def _is_port(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,9}", text)) and 1 <= int(text) <= MAX_PORT


def _is_url(text: str) -> bool:
    if not _SCHEME.fullmatch(text) or _HOST_AND_PORT.fullmatch(text):
        return False
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:  # brackets that don't close, a port that is none
        return False
    return port != 0 and (url.scheme not in _WEB or bool(url.hostname))


def _is_json(text: str) -> bool:
    try:
        # numbers stay text: JSON has no largest one
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's


_AMOUNTS: Mapping[str, "Callable[[str], Decimal | Fraction | None]"] = {
    "bytes": _bytes,
    "duration": _duration,
    "int": _number,
    "number": _number,
    "port": _number,
}
NAMES: Mapping[str, str] = {
    "bool": "true or false",
    "bytes": "size",
    "int": "whole number",
    "json": "JSON",
    "string": "text",
    "url": "URL",
}
TYPES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "bool": ("boolean: true or false", lambda text: text in ("true", "false")),
    "bytes": ("size such as 512k, 64m or 1.5gb", lambda text: _bytes(text) is not None),
    "duration": ("duration such as 30s, 1m30s or 250ms", lambda text: _duration(text) is not None),
    "enum": ("one of its values", lambda _text: True),
    "int": ("whole number", lambda text: bool(_INT.fullmatch(text))),
    "json": ("JSON", _is_json),
    "number": ("number", lambda text: _number(text) is not None),
    "path": ("path: it is empty, or holds a control character", lambda text: bool(text) and not _CONTROL.search(text)),
    "port": (f"port: 1 to {MAX_PORT}", _is_port),
    "string": ("text", lambda text: "\x00" not in text),
    "url": ("URL: it has no scheme such as https://", _is_url),
}
"""For each type what it is called, and whether a text is one."""
ORDERED = tuple(_AMOUNTS)
"""The types that have a `min` and a `max`."""
