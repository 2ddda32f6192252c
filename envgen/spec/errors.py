"""Validation errors of pydantic as problems: routes into the file, and messages in envgen's words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from envgen import codes, suggest
from envgen.compose_schema import describe, unknown_key
from envgen.source import Data, Problem, Route
from envgen.spec.model import Eol, Outputs, Runtime, Spec, User, Variable

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a map",
    "string_type": "text",
    "tuple_type": "a list",
}
_FORMS = {
    "name": "lower-case letters, digits, `-` and `_`, starting with a letter or digit",
    "version": 'numbers and dots, such as "16" or "16.20.2"',
    "http": "a path such as /healthz",
    "packages": "a package's name, such as libpq5",
    "secret": "letters, digits, `.`, `_` and `-`",
}
Details = Mapping[str, Any]


def problems(error: ValidationError, data: Data, prefix: Route = ()) -> Iterator[Problem]:
    """What a validation of `data` found; `prefix` is the route of `data` in its file."""
    for details in error.errors(include_url=False):
        route, is_key = _route(details["loc"], data)
        problem = _problem((*prefix, *route), details)
        yield (
            problem
            if not is_key
            else Problem(
                code=codes.INVALID_VALUE,
                route=problem.route,
                message=f"`{route[-1]}` is no valid name",
                hint="names hold letters, digits, `.`, `_` and `-`, and start with a letter or digit",
                at_key=True,
            )
        )


def _route(location: tuple[int | str, ...], data: Data) -> tuple[Route, bool]:
    """A location of pydantic's without the parts that stand nowhere in the file (tags of unions, missing keys)."""
    route: list[str | int] = []
    node = data
    for part in location:
        missing = object()
        found: Any = missing
        if isinstance(node, dict):
            found = node.get(str(part), missing)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            found = node[part]
        if found is not missing:
            node = found
            route.append(part)
    return tuple(route), location[-1] == "[key]"


def _problem(route: Route, details: Details) -> Problem:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    explain = _EXPLANATIONS.get(kind)
    if explain is not None:
        return explain(route, details)
    if kind in _EXPECTED:
        hint = "put it in quotes" if kind == "string_type" and isinstance(value, bool | int | float) else None
        message = f"expected {_EXPECTED[kind]}, found {describe(value)}"
        return Problem(code=codes.WRONG_TYPE, route=route, message=message, hint=hint)
    message = str(context.get("error") or details["msg"]).removeprefix("Value error, ")
    return Problem(code=codes.INVALID_VALUE, route=route, message=message[:1].lower() + message[1:])


def _missing(route: Route, details: Details) -> Problem:
    key = str(details["loc"][-1])
    hint = "write `envgen: 1` at the top" if key == "envgen" else None
    return Problem(code=codes.MISSING_KEY, route=route, message=f"the key `{key}` is missing", hint=hint, at_key=True)


def _extra(route: Route, _details: Details) -> Problem:
    return unknown_key(route, _model_at(route).model_fields)


def _literal(route: Route, details: Details) -> Problem:
    expected, value = str(details["ctx"]["expected"]).replace("'", ""), details["input"]
    hint = suggest.hint(str(value), expected.replace(" or ", ", ").split(", "))
    message = f"expected {expected}, found {describe(value)}"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)


def _pattern(route: Route, details: Details) -> Problem:
    named = next((part for part in reversed(route) if isinstance(part, str)), "")
    form = _FORMS.get(named) or f"text that matches {details['ctx']['pattern']}"
    message = f"{describe(details['input'])} does not have the form it needs"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=f"it takes {form}")


def _too_short(route: Route, _details: Details) -> Problem:
    return Problem(code=codes.INVALID_VALUE, route=route, message="expected something here, found nothing")


_EXPLANATIONS: Mapping[str, Callable[[Route, Details], Problem]] = {
    "extra_forbidden": _extra,
    "literal_error": _literal,
    "missing": _missing,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _too_short,
    "too_short": _too_short,
}


def _model_at(route: Route) -> type[BaseModel]:
    """The model that the last key of a route was looked for in."""
    parents = route[:-1]
    if not parents:
        return Spec
    if parents[0] == "outputs":
        return Outputs
    if parents[-1] == "eol":
        return Eol
    if parents[-1] == "user":
        return User
    if "environment" in parents:
        return Variable
    return Runtime
