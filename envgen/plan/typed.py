"""Typed environment variables: what they become in compose, and what can't be true of one."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from envgen import codes
from envgen.interpolation import Interpolated, Interpolation, InterpolationError, parse
from envgen.plan.model import Generation
from envgen.source import Problem, Route
from envgen.spec.variable import Generate, Variable
from envgen.value_types import ORDERED, TEXTS, TYPES, ValueType, amount, pattern_problem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# how many characters so many random bytes become, and what a UUID has
_LENGTHS: Mapping[str, Callable[[int], int]] = {
    "password": lambda length: length,
    "hex": lambda length: 2 * length,
    "base64": lambda length: -(-length // 3) * 4,
    "base64url": lambda length: -(-length * 4 // 3),
    "uuid": lambda _length: 36,
}
DEFAULT_LENGTH = 32
_ADVICE = {
    "duration": "units are h, m, s, ms, us and ns, as in Go: a day is 24h",
    "json": "JSON has double quotes around keys and texts",
}


def scalar_text(value: float | str | None) -> str:
    """A scalar as the text that compose puts into a container: booleans and numbers as YAML writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def is_file(variable: Variable) -> bool:
    """Whether the variable arrives as a file, named by `NAME_FILE`."""
    return bool(variable.secret) and variable.deliver == "file"


def value_type(variable: Variable) -> ValueType:
    """What the variable's values have to be."""
    return ValueType(
        type=variable.type,
        values=variable.values,
        pattern=variable.pattern,
        minimum=None if variable.min is None else scalar_text(variable.min),
        maximum=None if variable.max is None else scalar_text(variable.max),
        min_length=variable.min_length,
        max_length=variable.max_length,
    )


def generation(written: bool | Generate) -> Generation | None:  # noqa: FBT001 - the value of a key
    """How a secret is made, with every default decided; None where it is not."""
    if written is False:
        return None
    asked = Generate() if written is True else written
    return Generation(type=asked.type, length=None if asked.type == "uuid" else asked.length or DEFAULT_LENGTH)


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
    for key, applies, message, advice in chain(_conflicts(variable), _secret_conflicts(variable)):
        if applies:
            found.append(Problem(code=codes.CONFLICT, route=(*route, key), message=message, hint=advice))
    limits = list(_wrong_limits(variable, route))
    found += limits
    if not limits:
        for key, value in (("default", variable.default), ("example", variable.example)):
            if value is not None:
                found += wrong_value(variable, scalar_text(value), (*route, key))
    if variable.default is not None and _NAME.fullmatch(name):
        found += _unreadable(name, variable, (*route, "default"))
    return found


def wrong_value(variable: Variable, text: str, route: Route) -> Iterator[Problem]:
    """The problem of a value in the spec that the variable's own type refuses."""
    error = value_type(variable).problem(text)
    if error is not None:
        shown = f"`{text}`" if text else "an empty text"
        hint = _ADVICE.get(variable.type) if error == f"is no {TYPES[variable.type][0]}" else None
        yield Problem(code=codes.INVALID_VALUE, route=route, message=f"{shown} {error}", hint=hint)


def _unreadable(name: str, variable: Variable, route: Route) -> Iterator[Problem]:
    """The problem of a default that compose would not read back from `${NAME:-default}`."""
    text = scalar_text(variable.default)
    asked = interpolation(name, variable)
    try:
        read = parse(asked.parts[0].text) if asked and isinstance(asked.parts[0], Interpolation) else None
        fits = read == asked and asked is not None and asked.default == text
    except InterpolationError:
        fits = False
    if fits and not _CONTROL.search(text):
        return
    message = "compose can't read a default with a line break in `${NAME:-default}`"
    hint = "write it as `value`, or in .env"
    if not _CONTROL.search(text):
        message = "compose can't read a default with a `}` that no `{` opens in `${NAME:-default}`"
        hint += "; inside of JSON's strings \\u007d stands for it" if variable.type == "json" else ""
    elif "\n" not in text and "\r" not in text:
        message = "compose can't read a default with a control character in `${NAME:-default}`"
    yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)


_Conflict = tuple[str, bool, str, str | None]


def _conflicts(variable: Variable) -> Iterator[_Conflict]:
    has_default, has_value, is_enum = variable.default is not None, variable.value is not None, variable.type == "enum"
    yield "type", is_enum and not variable.values, "an enum needs `values`", None
    yield "values", not is_enum and bool(variable.values), "`values` belong to an enum", "write `type: enum`"
    yield "values", len(set(variable.values)) < len(variable.values), "a value is there twice", "leave out one"
    yield (
        "required",
        variable.required and has_default,
        "a variable with a default is never missing",
        "leave out `required` or `default`; where it is inherited, `default: null` removes it",
    )
    yield (
        "value",
        has_value and (has_default or variable.required),
        "a variable with a fixed `value` has no default and is never missing",
        "leave out `value`, or the other",
    )
    yield (
        "pattern",
        variable.pattern is not None and variable.type not in TEXTS,
        f"a `pattern` is for text, not for the type `{variable.type}`",
        f"the types with a pattern are {', '.join(TEXTS)}",
    )
    has_length = (variable.min_length, variable.max_length) != (None, None)
    yield (
        "min_length" if variable.min_length is not None else "max_length",
        has_length and variable.type not in TEXTS,
        f"a length is for text, not for the type `{variable.type}`",
        "write `min` and `max`" if variable.type in ORDERED else f"the types with a length are {', '.join(TEXTS)}",
    )
    is_bounded = (variable.min, variable.max) != (None, None)
    yield (
        "min" if variable.min is not None else "max",
        is_bounded and variable.type not in ORDERED,
        f"the type `{variable.type}` has no order, so no `min` and `max`",
        "write `min_length` and `max_length`" if variable.type in TEXTS else f"only {', '.join(ORDERED)} have them",
    )


def _secret_conflicts(variable: Variable) -> Iterator[_Conflict]:
    is_secret, as_file = bool(variable.secret), is_file(variable)
    yield (
        "default",
        is_secret and variable.default is not None,
        "a secret can't have a default: it would stand in compose.yaml",
        None,
    )
    yield (
        "value",
        as_file and variable.value is not None,
        "a secret that is delivered as a file can't be put together from others",
        "write `deliver: env` to have compose put it together in the environment",
    )
    made = generation(variable.generate)
    yield "generate", made is not None and not is_secret, "only a secret is generated", "write `secret: true`"
    if made is None:
        return
    yield (
        "generate",
        variable.value is not None,
        "a variable with a fixed `value` has nothing to generate",
        "leave out `generate` or `value`",
    )
    yield (
        "generate",
        variable.type != "string",
        f"what is generated is text, no `{variable.type}`",
        "leave out `type`, or `generate`",
    )
    length = _LENGTHS[made.type](made.length or 0)
    low, high = variable.min_length or 0, variable.max_length
    yield (
        "generate",
        length < low or (high is not None and length > high),
        f"what is generated has {length} characters, which its length doesn't allow",
        "change `length`, `min_length` or `max_length`",
    )


def _wrong_limits(variable: Variable, route: Route) -> Iterator[Problem]:
    """The problems of a pattern, and of bounds that are no values of the type or that nothing fits between."""
    if variable.pattern is not None:
        problem = pattern_problem(variable.pattern)
        if problem is not None:
            hint = "it is Rust's syntax (docs.rs/regex), which has no look-around and no back-references"
            if "too large" in problem:
                hint = "repeat less, and bound the text with `max_length`"
            yield Problem(code=codes.INVALID_VALUE, route=(*route, "pattern"), message=problem, hint=hint)
    if variable.type in ORDERED:
        expected, fits = TYPES[variable.type]
        bounds = {key: scalar_text(value) for key in ("min", "max") if (value := getattr(variable, key)) is not None}
        wrong = [key for key, text in bounds.items() if not fits(text)]
        for key in wrong:
            message = f"`{bounds[key]}` is no {expected}"
            yield Problem(code=codes.INVALID_VALUE, route=(*route, key), message=message)
        low, high = (amount(variable.type, bounds[key]) if key in bounds else None for key in ("min", "max"))
        if not wrong and low is not None and high is not None and low > high:
            yield _crossed("min", "max", route)
    if (variable.min_length or 0) > (variable.max_length if variable.max_length is not None else float("inf")):
        yield _crossed("min_length", "max_length", route)


def _crossed(low: str, high: str, route: Route) -> Problem:
    message, hint = f"`{low}` is more than `{high}`, so no value fits", "swap them"
    return Problem(code=codes.CONFLICT, route=(*route, low), message=message, hint=hint)
