"""Validation errors of pydantic as problems: routes into the file, and messages in envgen's words."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from envgen import codes, suggest
from envgen.compose_schema import alternatives, describe, has_interpolation, list_hint, unknown_key
from envgen.source import Data, Problem, Route
from envgen.spec.build import Build
from envgen.spec.composed import Include, Parameter
from envgen.spec.lint_settings import IgnoredRule, LintSettings
from envgen.spec.model import Outputs, Port, Spec
from envgen.spec.names import inline_runtime
from envgen.spec.runtime import Eol, Runtime, User
from envgen.spec.variable import Generate, Variable

_EXPECTED = {
    "bool_type": "true or false",
    "date_type": "a day such as 2099-12-31",
    "dict_type": "a map",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a map",
    "string_type": "text",
    "tuple_type": "a list",
}
_TAGS = {"'<scalar>'": "a single value", "'<list>'": "a list", "'<map>'": "a map"}  # of unions by shape
_TYPE_ERRORS = {*_EXPECTED, "union_tag_invalid"}
# the form of a text, by its key and the key above, or by its key
_FORMS = {
    "user.name": "lower-case letters, digits, `-` and `_`, starting with a letter or `_`",
    "name": "lower-case letters, digits, `-` and `_`, starting with a letter or digit",
    "version": 'numbers and dots, such as "16" or "16.20.2"',
    "http": "a path such as /healthz",
    "packages": "a package's name, such as libpq5",
    "secret": "letters, digits, `.`, `_` and `-`, or true",
}
_NAME_FORM = "names hold letters, digits, `.`, `_` and `-`, and start with a letter or digit"
Details = Mapping[str, Any]


def problems(error: ValidationError, data: Data, prefix: Route = ()) -> Iterator[Problem]:
    """What a validation of `data` found; `prefix` is the route of `data` in its file."""
    by_route: dict[Route, list[Details]] = {}
    for details in error.errors(include_url=False):
        route, is_key = _route(details["loc"], data)
        if is_key:
            message = f"`{route[-1]}` is no valid name"
            place = (*prefix, *route)
            yield Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=_NAME_FORM, at_key=True)
        elif details["type"] != "missing" or not _is_misspelled(prefix, route, details, data):
            by_route.setdefault(route, []).append(details)
    for route, found in by_route.items():
        wrong_types = [details for details in found if details["type"] in _TYPE_ERRORS]
        others = [details for details in found if details["type"] not in _TYPE_ERRORS]
        # of a union, the members that the value could be have more to say than those it couldn't
        yield from (_problem((*prefix, *route), details) for details in others)
        if wrong_types and not others:
            yield _wrong_type((*prefix, *route), wrong_types)


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


def _is_misspelled(prefix: Route, route: Route, details: Details, data: Data) -> bool:
    """Whether a missing key is there under a name that is reported as unknown."""
    node: Any = data
    for part in route:
        node = node[part]
    key = str(details["loc"][-1])
    known = _keys_of(_model_at((*prefix, *route, key)))
    return isinstance(node, dict) and any(suggest.closest(name, known) == key for name in node if name not in known)


def _problem(route: Route, details: Details) -> Problem:
    explain = _EXPLANATIONS.get(details["type"])
    if explain is not None:
        return explain(route, details)
    message = str(details.get("ctx", {}).get("error") or details["msg"]).removeprefix("Value error, ")
    message, _, hint = message.partition("; ")
    return Problem(code=codes.INVALID_VALUE, route=route, message=message[:1].lower() + message[1:], hint=hint or None)


def _wrong_type(route: Route, errors: list[Details]) -> Problem:
    expected: list[str] = []
    for details in errors:
        if details["type"] == "union_tag_invalid":
            tags = str(details["ctx"]["expected_tags"]).split(", ")
            expected += [_TAGS[tag] for tag in tags if tag in _TAGS]
        else:
            expected.append(_EXPECTED[details["type"]])
    value = errors[0]["input"]
    message = f"expected {alternatives(expected)}, found {describe(value)}"
    return Problem(code=codes.WRONG_TYPE, route=route, message=message, hint=_type_hint(route, errors[0], expected))


def _type_hint(route: Route, details: Details, expected: list[str]) -> str | None:
    value, keys = details["input"], [part for part in route if isinstance(part, str)]
    inline = inline_runtime(value) if isinstance(value, str) else None
    is_quoted = (expected == ["a whole number"] and str(value).isdecimal()) or (
        expected == ["true or false"] and value in ("true", "false")
    )
    model = _MODELS.get(details["ctx"]["class_name"]) if details["type"] == "model_type" else None
    hints = (
        (expected == ["text"] and keys[-1:] == ["uses"], "write it like `node@16`"),
        (isinstance(value, dict) and keys[-1:] == ["environment"], "write `- NAME=value`, or leave out the dashes"),
        (expected == ["text"] and isinstance(value, bool | int | float), "put it in quotes"),
        (isinstance(value, dict | list) and keys[-1:] in (["default"], ["example"]), "put it in single quotes"),
        (is_quoted, "leave out the quotes"),
        (inline and keys[:1] == ["runtimes"], 'write {{language: {}, version: "{}"}}'.format(*inline or ("", ""))),
        (model is not None, f"its keys are {', '.join(f'`{key}`' for key in (model or Spec).model_fields)}"),
    )
    return next((hint for applies, hint in hints if applies), None) or list_hint(value, expected)


def _missing(route: Route, details: Details) -> Problem:
    key = str(details["loc"][-1])
    examples = _model_at((*route, key)).model_fields[key].examples
    hint = None
    if key == "envgen":
        hint = "write `envgen: 1` at the top"
    elif examples:
        example = examples[0]
        is_word = isinstance(example, str) and example.isidentifier()
        hint = f"add it, such as `{key}: {example if is_word else json.dumps(example)}`"
    return Problem(code=codes.MISSING_KEY, route=route, message=f"the key `{key}` is missing", hint=hint, at_key=True)


def _extra(route: Route, _details: Details) -> Problem:
    return unknown_key(route, _keys_of(_model_at(route)))


def _literal(route: Route, details: Details) -> Problem:
    expected, value = str(details["ctx"]["expected"]).replace("'", ""), details["input"]
    near = suggest.closest(str(value), expected.replace(" or ", ", ").split(", "))
    hint = f"did you mean `{near}`?" if near else None
    if near == str(value):
        hint = "leave out the quotes"
    elif route == ("envgen",):
        hint = "this version of envgen reads format 1 only"
    message = f"expected {expected}, found {describe(value)}"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)


def _pattern(route: Route, details: Details) -> Problem:
    named = [part for part in route if isinstance(part, str)][-2:]
    form = _FORMS.get(".".join(named)) or _FORMS.get(named[-1]) or f"text that matches {details['ctx']['pattern']}"
    message, hint = f"{describe(details['input'])} does not have the form it needs", f"it takes {form}"
    if route == ("name",) and has_interpolation(details["input"]):
        hint = "write the name itself: compose takes another one from COMPOSE_PROJECT_NAME, also in .env"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)


def _too_short(route: Route, _details: Details) -> Problem:
    if route == ("services",):
        message, hint = "a spec needs at least one service", "add one, such as `web: {image: nginx}`"
        return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)
    return Problem(code=codes.INVALID_VALUE, route=route, message="expected something here, found nothing")


def _too_long(route: Route, details: Details) -> Problem:
    message = f"{describe(details['input'])} is longer than {details['ctx']['max_length']} characters"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message)


def _out_of_range(route: Route, details: Details) -> Problem:
    context, value = details["ctx"], details["input"]
    bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
    hint = "0 is root; take a number such as 10001" if value == 0 and route[-1] in ("uid", "gid") else None
    message = f"expected {bound}, found {describe(value)}"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)


_EXPLANATIONS: Mapping[str, Callable[[Route, Details], Problem]] = {
    "extra_forbidden": _extra,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "literal_error": _literal,
    "missing": _missing,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_short,
}
_MODELS: Mapping[str, type[BaseModel]] = {
    model.__name__: model for model in (Eol, Include, Outputs, Parameter, Runtime)
}
_BY_SECTION: Mapping[str | int, type[BaseModel]] = {"parameters": Parameter, "specs": Include}


def _keys_of(model: type[BaseModel]) -> dict[str, object]:
    """The keys of a model as they are written."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_at(route: Route) -> type[BaseModel]:
    """The model that the last key of a route was looked for in."""
    section, *keys = route or ("",)
    if not keys:
        return Spec
    if section == "outputs":
        return Outputs
    is_generate = "generate" in keys[:-1] and (section == "secrets" or "environment" in keys[:2])
    if is_generate or (section in _BY_SECTION and len(keys) > 1):
        return Generate if is_generate else _BY_SECTION[section]
    if section == "lint":
        return LintSettings if len(keys) == 1 else IgnoredRule
    if section != "defaults":
        keys = keys[1:]  # after the name of the service or runtime
    if "eol" in keys[:-1] and (section == "runtimes" or keys[0] == "uses"):
        return Eol
    models: dict[object, type[BaseModel]] = {"build": Build, "user": User, "ports": Port, "environment": Variable}
    return Runtime if section == "runtimes" or not keys else models.get(keys[0], Runtime)
