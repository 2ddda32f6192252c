"""Typed environment variables: what they become in compose, and what can't be true of one."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from envgen import codes
from envgen.interpolation import Interpolated, Interpolation
from envgen.source import Problem, Route
from envgen.spec.variable import Variable

_MAX_PORT = 65535
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNREADABLE_DEFAULT = re.compile(r"[}\x00-\x1f\x7f]")


def scalar_text(value: float | str | None) -> str:
    """A scalar as the text that compose puts into a container: booleans and numbers as YAML writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def is_file(variable: Variable) -> bool:
    """Whether the variable arrives as a file, named by `NAME_FILE`."""
    return bool(variable.secret) and variable.deliver == "file"


def interpolation(name: str, variable: Variable) -> Interpolated | None:
    """What compose fills in for a variable without a `value`; None where it passes it on if it is there."""
    if variable.default is not None:
        return _interpolation(name, ":-", scalar_text(variable.default))
    if variable.required or variable.secret:
        return _interpolation(name, ":?", "")
    return None


def _interpolation(name: str, operator: str, operand: str) -> Interpolated:
    escaped = operand.replace("$", "$$")
    return Interpolated((Interpolation(f"${{{name}{operator}{escaped}}}", name, operator, escaped),))


def contradictions(name: str, variable: Variable, route: Route) -> list[Problem]:
    """What can't be true at once of a typed variable, or can't be written down for compose."""
    found: list[Problem] = []
    if not _NAME.fullmatch(name):
        message, hint = f"`{name}` is no name that .env can set", "take letters, digits and `_`, or a plain value"
        found.append(Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint, at_key=True))
    for key, applies, message, advice in _conflicts(variable):
        if applies:
            found.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=advice))
    for key, value in (("default", variable.default), ("example", variable.example)):
        error = _type_error(variable, scalar_text(value)) if value is not None else None
        if error:
            found.append(Problem(code=codes.INVALID_VALUE, route=(*route, key), message=error))
    if _UNREADABLE_DEFAULT.search(scalar_text(variable.default)):
        message = "compose can't read a default with a `}` or a line break in `${NAME:-default}`"
        hint = "write it as `value`, or in .env"
        found.append(Problem(code=codes.INVALID_VALUE, route=(*route, "default"), message=message, hint=hint))
    return found


def _conflicts(variable: Variable) -> tuple[tuple[str, bool, str, str | None], ...]:
    has_default, has_value, is_enum = variable.default is not None, variable.value is not None, variable.type == "enum"
    as_file = bool(variable.secret) and variable.deliver == "file"
    return (
        ("type", is_enum and not variable.values, "an enum needs `values`", None),
        ("values", not is_enum and bool(variable.values), "`values` belong to an enum", "write `type: enum`"),
        (
            "required",
            variable.required and has_default,
            "a variable with a default is never missing",
            "leave out `required` or `default`",
        ),
        (
            "value",
            has_value and (has_default or variable.required),
            "a variable with a fixed `value` has no default and is never missing",
            "leave out `value`, or the other",
        ),
        (
            "default",
            bool(variable.secret) and has_default,
            "a secret can't have a default: it would stand in compose.yaml",
            None,
        ),
        (
            "value",
            as_file and has_value,
            "a secret that is delivered as a file can't be put together from others",
            "write `deliver: env` to have compose put it together in the environment",
        ),
    )


def _type_error(variable: Variable, text: str) -> str | None:
    expected, fits = _TYPES[variable.type]
    if variable.type == "enum":
        return (
            None
            if text in variable.values or not variable.values
            else f"`{text}` is not one of {', '.join(variable.values)}"
        )
    return None if fits(text) else f"`{text}` is no {expected}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_port(text: str) -> bool:
    return text.isdecimal() and 1 <= int(text) <= _MAX_PORT


_TYPES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "bool": ("boolean: true or false", lambda text: text in ("true", "false")),
    "enum": ("one of its values", lambda _text: True),
    "int": ("whole number", lambda text: text.removeprefix("-").isdecimal()),
    "number": ("number", _is_number),
    "port": (f"port: 1 to {_MAX_PORT}", _is_port),
    "string": ("text", lambda _text: True),
    "url": ("URL: it has no scheme such as https://", lambda text: bool(urlsplit(text).scheme)),
}
