"""Makes secrets: random values, and where they go in the text of an env file."""

import secrets
import string
import uuid
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence

from envgen import dotenv
from envgen.plan.model import Generation
from envgen.value_types import ValueType

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits  # nothing that a URL, a shell or .env would have to quote
_TRIES = 200
_SPACE = "\t\v\f\r \x85\xa0"


def make(made: Generation, types: Sequence[ValueType] = ()) -> str | None:
    """A random value of the operating system's generator that all types allow; None where none was found."""
    for _ in range(_TRIES):
        value = _random(made)
        if all(one.problem(value) is None for one in types):
            return value
    return None


def _random(made: Generation) -> str:
    length = made.length or 0
    match made.type:
        case "hex":
            return secrets.token_hex(length)
        case "base64":
            return b64encode(secrets.token_bytes(length)).decode()
        case "base64url":
            return urlsafe_b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        case "uuid":
            return str(uuid.uuid4())
        case _:
            return "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(length))


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text of an env file in which each name has a value; raises DotenvError where compose can't read it.

    A name that is set to nothing gets its value there, one that isn't set at the end. All else stays, to the byte.
    """
    left = {name: values[name] for name in missing(text, list(values))}
    spans: dict[tuple[int, int], str] = {}
    for one in {one.name: one for one in dotenv.assignments(text)}.values():
        if one.value == "" and one.name in left:
            # space before a line's end, a carriage return among it, stays there
            start = one.start if one.end > one.start else len(text[: one.start].rstrip(_SPACE))
            spans[start, one.end if one.end > one.start else start] = dotenv.written(left.pop(one.name))
    pieces, position = [], 0
    for (start, end), value in sorted(spans.items()):
        pieces += [text[position:start], value]
        position = end
    filled = "".join([*pieces, text[position:]])
    if not left:
        return filled
    line_end = "\r\n" if "\r\n" in text else "\n"
    head = filled if not filled or filled.endswith("\n") else filled + line_end
    return head + "".join(f"{name}={dotenv.written(value)}{line_end}" for name, value in left.items())


def missing(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that an env file leaves without a value; raises DotenvError as above."""
    values = {one.name: one.value for one in dotenv.assignments(text)}
    return tuple(name for name in names if values.get(name, "") == "")
