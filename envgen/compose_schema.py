"""Checks compose data against the compose-spec JSON schema, and says what is wrong in words.

The schema is the vendored one of https://github.com/compose-spec/compose-spec (schemas/compose-spec.json).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from envgen import codes, suggest
from envgen.resources import schema_text
from envgen.source import Data, Problem, Route

_TYPE_NAMES = {"object": "map", "array": "list", "null": "empty value", "integer": "whole number"}
_ESCAPED_DOLLAR = re.compile(r"\$\$")
_NAME_PATTERN = "names hold letters, digits, `.`, `_` and `-` only"


@cache
def schema() -> dict[str, Any]:
    """The compose-spec schema as plain data; do not change it."""
    data: dict[str, Any] = json.loads(schema_text("compose-spec.json"))
    return data


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema())


@cache
def service_properties() -> Mapping[str, dict[str, Any]]:
    """Every key that the compose specification knows for a service, with its schema."""
    definitions = schema()["$defs"]
    parts = (definitions[name]["properties"] for name in ("service", "container_spec", "workload_spec"))
    return {key: value for properties in parts for key, value in properties.items()}


def top_level_keys() -> frozenset[str]:
    """The sections of a compose file: services, networks, volumes, ..."""
    return frozenset(schema()["properties"])


def check(data: Data) -> Iterator[Problem]:
    """Problems of a whole compose file's data, each with its route.

    A string with an interpolation is never reported: what it becomes is known only when compose runs.
    """
    if not isinstance(data, dict):
        yield Problem(code=codes.WRONG_TYPE, route=(), message=f"a compose file is a map, not {describe(data)}")
        return
    for name, service in _services(data):
        known = service_properties()
        for key in service:
            if key not in known and not key.startswith("x-"):
                yield unknown_key(("services", name, key), known)
    for error in _validator().iter_errors(data):
        yield from _explain(error)


def unknown_key(route: Route, known: Mapping[str, object], message: str = "") -> Problem:
    """The problem of a key that is not among the known ones; `route` ends with that key."""
    key = str(route[-1])
    return Problem(
        code=codes.UNKNOWN_KEY,
        route=route,
        message=message or f"unknown key `{key}`",
        hint=suggest.hint(key, known),
        at_key=True,
    )


def describe(value: object) -> str:
    """A value in words for a message: `the text "a"`, `a list`, `nothing`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f'the text "{value[:40]}{"..." if len(value) > 40 else ""}"'  # noqa: PLR2004 - a line's worth
        case dict():
            return "a map"
        case _:
            return "a list"


def has_interpolation(value: object) -> bool:
    """Whether compose would replace something in this value."""
    return isinstance(value, str) and "$" in _ESCAPED_DOLLAR.sub("", value)


def _services(data: dict[str, Data]) -> Iterator[tuple[str, dict[str, Data]]]:
    services = data.get("services")
    if isinstance(services, dict):
        yield from ((name, service) for name, service in services.items() if isinstance(service, dict))


def _explain(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    route: Route = tuple(error.instance_path)
    kind: Any = error.kind  # one class a keyword; `name` tells which
    if kind.name == "unevaluatedProperties" or has_interpolation(error.instance):
        return  # service keys are checked by name, with a better message
    match kind.name:
        case "oneOf" | "anyOf":
            yield from _explain_branches(route, error.instance, getattr(kind, "context", None) or ())
        case "additionalProperties":
            known = _schema_at(error.schema_path[:-1]).get("properties", {})
            for key in kind.unexpected:
                message = "" if known else f"`{key}` is no valid name here: {_NAME_PATTERN}"
                yield unknown_key((*route, key), known, message)
        case "type":
            yield _wrong_type(route, error.instance, kind.types)
        case "required":
            yield Problem(code=codes.MISSING_KEY, route=route, message=f"the key `{kind.property}` is missing")
        case "enum":
            options = [str(option) for option in kind.options]
            hint = suggest.hint(str(error.instance), options)
            message = f"{describe(error.instance)} is not one of the values that compose takes here"
            yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)
        case "uniqueItems":
            yield Problem(code=codes.INVALID_VALUE, route=route, message="the list names something twice")
        case "pattern":
            message = f"{describe(error.instance)} does not have the form that compose takes here"
            yield Problem(
                code=codes.INVALID_VALUE, route=route, message=message, hint=f"it has to match {kind.pattern}"
            )
        case _:
            yield Problem(code=codes.COMPOSE_SCHEMA, route=route, message=error.message)


def _explain_branches(
    route: Route, instance: object, branches: Sequence[Sequence[jsonschema_rs.ValidationError]]
) -> Iterator[Problem]:
    """Of several allowed forms, explain the one whose type the value has; else name the types there are."""
    expected: list[str] = []
    for branch in branches:
        kinds: list[Any] = [error.kind for error in branch if tuple(error.instance_path) == route]
        top = [kind for kind in kinds if kind.name == "type"]
        if not top:
            for error in branch:
                yield from _explain(error)
            return
        expected += [name for kind in top for name in kind.types]
    if expected:
        yield _wrong_type(route, instance, expected)
    else:
        yield Problem(
            code=codes.COMPOSE_SCHEMA, route=route, message=f"{describe(instance)} fits several forms at once"
        )


def _wrong_type(route: Route, instance: object, types: list[str]) -> Problem:
    names = list(dict.fromkeys(_TYPE_NAMES.get(name, "text" if name == "string" else name) for name in types))
    hint = None
    if "text" in names and isinstance(instance, bool | int | float):
        hint = "put it in quotes"
    message = f"expected {' or '.join(names)}, found {describe(instance)}"
    return Problem(code=codes.WRONG_TYPE, route=route, message=message, hint=hint)


def _schema_at(path: list[str | int]) -> dict[str, Any]:
    node: Any = schema()
    for part in path:
        node = node[part]
        while isinstance(node, dict) and "$ref" in node:
            node = _schema_at(node["$ref"].removeprefix("#/").split("/"))
    return node if isinstance(node, dict) else {}


@cache
def nested_properties(key: str) -> Mapping[str, object]:
    """The keys that compose knows in the map form of a service's key (`build`), or in a list's entry (`ports`)."""
    node: dict[str, Any] = dict(service_properties()[key])
    if "$ref" in node:
        node = _schema_at(node["$ref"].removeprefix("#/").split("/"))
    node = node.get("items", node)
    forms = node.get("oneOf", [node])
    return {name: value for form in forms for name, value in form.get("properties", {}).items()}
