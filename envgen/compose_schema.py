"""Checks compose data against the compose-spec JSON schema, and says what is wrong in words.

The schema is the vendored one of https://github.com/compose-spec/compose-spec (schemas/compose-spec.json).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from envgen import codes, compose_unique, suggest
from envgen.resources import schema_text
from envgen.source import Data, Problem, Route

_TYPE_NAMES = {
    "array": ["a list"],
    "boolean": ["true", "false"],
    "integer": ["a whole number"],
    "null": ["nothing"],
    "number": ["a number"],
    "object": ["a map"],
    "string": ["text"],
}
_ESCAPED_DOLLAR = re.compile(r"\$\$")
_NAME_FORM = "names hold letters, digits, `.`, `_` and `-` only"


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


def check(data: Data, *, is_interpolated: bool = False) -> Iterator[Problem]:
    """Problems of a whole compose file's data, each with its route.

    A string with an interpolation is never reported: what it becomes is known only when compose runs. In data that
    `is_interpolated` there are none.
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
        yield from _explain(error, is_interpolated=is_interpolated)


def unknown_key(route: Route, known: Mapping[str, object]) -> Problem:
    """The problem of a key that is not among the known ones; `route` ends with that key."""
    key = str(route[-1])
    return Problem(
        code=codes.UNKNOWN_KEY,
        route=route,
        message=f"unknown key `{key}`",
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


def alternatives(names: Iterable[str]) -> str:
    """Words for a message, each once: `a`, `a or b`, `a, b or c`; without what goes without saying."""
    each = dict.fromkeys(names)
    implied = {"a whole number"} if "a number" in each else set()
    implied |= {"nothing"} if len(each) > 1 else set()
    *others, last = (name for name in each if name not in implied)
    return f"{', '.join(others)} or {last}" if others else last


def list_hint(value: object, expected: Collection[str]) -> str | None:
    """What to do where a list is wanted and its only item is written."""
    return "put it in brackets: [...]" if "a list" in expected and isinstance(value, str | int | float) else None


def has_interpolation(value: object) -> bool:
    """Whether compose would replace something in this value."""
    return isinstance(value, str) and "$" in _ESCAPED_DOLLAR.sub("", value)


def _services(data: dict[str, Data]) -> Iterator[tuple[str, dict[str, Data]]]:
    services = data.get("services")
    if isinstance(services, dict):
        yield from ((name, service) for name, service in services.items() if isinstance(service, dict))


def _explain(error: jsonschema_rs.ValidationError, *, is_interpolated: bool = False) -> Iterator[Problem]:
    route: Route = tuple(error.instance_path)
    kind: Any = error.kind  # one class a keyword; `name` tells which
    if kind.name == "unevaluatedProperties" or (not is_interpolated and has_interpolation(error.instance)):
        return  # service keys are checked by name, with a better message
    match kind.name:
        case "oneOf" | "anyOf":
            yield from _explain_branches(route, error.instance, getattr(kind, "context", None) or ())
        case "additionalProperties":
            known = _schema_at(error.schema_path[:-1]).get("properties", {})
            for key in kind.unexpected:
                yield unknown_key((*route, key), known) if known else _bad_name((*route, key))
        case "type":
            yield _wrong_type(route, error.instance, kind.types)
        case "required":
            yield from _missing(route, error)
        case "enum":
            options = [str(option) for option in kind.options]
            near = suggest.closest(str(error.instance), options)
            message = f"expected {alternatives(options)}, found {describe(error.instance)}"
            hint = f"did you mean `{near}`?" if near else None
            yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)
        case "pattern":
            message = f"{describe(error.instance)} does not have the form that compose takes here"
            yield Problem(
                code=codes.INVALID_VALUE, route=route, message=message, hint=f"it has to match {kind.pattern}"
            )
        case "uniqueItems":
            yield from _repeated(route, error.instance)
        case _:
            yield Problem(code=codes.COMPOSE_SCHEMA, route=route, message=error.message)


def _missing(route: Route, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    """A missing key, unless it is there under a name that is reported as unknown."""
    kind: Any = error.kind
    known = _schema_at(error.schema_path[:-1]).get("properties", {})
    written = error.instance if isinstance(error.instance, dict) else {}
    if not any(suggest.closest(key, known) == kind.property for key in written if key not in known):
        message = f"the key `{kind.property}` is missing"
        yield Problem(code=codes.MISSING_KEY, route=route, message=message, at_key=True)


def _repeated(route: Route, items: object) -> Iterator[Problem]:
    if compose_unique.pattern(route) in compose_unique.INDEXERS:
        return  # compose drops what such a list names twice, before it looks at the schema
    listed = items if isinstance(items, list) else []
    for index, item in enumerate(listed):
        if item in listed[:index]:
            message = "the list names this twice"
            yield Problem(code=codes.INVALID_VALUE, route=(*route, index), message=message, hint="remove one of them")


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


def _bad_name(route: Route) -> Problem:
    message = f"`{route[-1]}` is no valid name"
    return Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=_NAME_FORM, at_key=True)


def _wrong_type(route: Route, instance: object, types: list[str]) -> Problem:
    names = [word for name in types for word in _TYPE_NAMES[name]]
    hint = list_hint(instance, names)
    if "text" in names and "true" not in names and isinstance(instance, bool | int | float):
        hint = "put it in quotes"
    message = f"expected {alternatives(names)}, found {describe(instance)}"
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
