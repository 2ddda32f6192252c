"""The contract with .env: every variable that the compose file takes, and every secret file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envgen.interpolation import Interpolated, Interpolation, parse
from envgen.plan.examples import example_of
from envgen.plan.model import EnvVariable, SecretFile, Value
from envgen.plan.services import PlannedService
from envgen.plan.typed import scalar_text
from envgen.source import Route
from envgen.spec.variable import Variable

_EXAMPLES = {"int": "1", "number": "1.0", "bool": "true", "port": "8080", "url": "https://example.com"}
_EXAMPLE = "change-me"
# below these keys nothing is as good a value as any; elsewhere compose trips over it
_MAY_BE_BLANK = frozenset(
    {
        "annotations",
        "args",
        "command",
        "content",
        "driver_opts",
        "entrypoint",
        "environment",
        "labels",
        "options",
        "test",
    }
)


@dataclass(slots=True)
class _Found:
    """What was seen of one variable, in the order of the compose file."""

    defaults: dict[str, list[str]] = field(default_factory=dict)  # by default: the services that have it
    examples: list[str] = field(default_factory=list)
    services: dict[str, None] = field(default_factory=dict)
    required: bool = False


def plan_variables(services: Sequence[PlannedService], sections: Mapping[str, Value]) -> tuple[EnvVariable, ...]:
    """The variables in the order in which they appear."""
    found: dict[str, _Found] = {}
    typed: dict[str, Variable] = {}
    ports: dict[str, str] = {}
    for planned in services:
        name = planned.service.name
        typed = {**planned.environment.typed, **typed}
        ports |= {
            variable.name: f"the host port of {name}, for its port {variable.target}"
            for variable in planned.ports.variables
        }
        _gather(found, planned.service.compose, name)
        # a pass-through variable is no interpolation, but comes from .env all the same
        for variable in planned.environment.typed:
            found.setdefault(variable, _Found()).services[name] = None
    for section, value in sections.items():
        for entry, content in value.items() if isinstance(value, dict) else (("", value),):
            _gather(found, {section: {entry: content}}, f"{section}.{entry}".rstrip("."))
    return tuple(
        _variable(name, seen, typed.get(name), ports.get(name))
        for name, seen in found.items()
        if name and not name.startswith("COMPOSE_")
    )


def plan_secret_files(services: Sequence[PlannedService], secrets: Mapping[str, Value]) -> tuple[SecretFile, ...]:
    """The secrets that are read from files, in the order of the compose file."""
    users: dict[str, dict[str, None]] = {}
    for planned in services:
        listed = planned.service.compose.get("secrets")
        for item in listed if isinstance(listed, list) else ():
            source = item.get("source") if isinstance(item, dict) else item
            users.setdefault(str(source), {})[planned.service.name] = None
    files = ((name, _default(entry.get("file"))) for name, entry in secrets.items() if isinstance(entry, dict))
    return tuple(
        SecretFile(name=name, path=path, services=tuple(users.get(name, ())))
        for name, path in files
        if path is not None
    )


def _gather(found: dict[str, _Found], compose: Mapping[str, Value], user: str) -> None:
    for text, part, route in _interpolations(compose, ()):
        seen = found.setdefault(part.name, _Found())
        seen.services[user] = None
        if part.operator in (":-", "-"):
            default = _default(parse(part.operand))
            if default is not None:
                seen.defaults.setdefault(default, []).append(user)
            continue
        examples = list(example_of(text, part, route))
        if part.operator in (":?", "?") or (not part.operator and examples and not _MAY_BE_BLANK & set(route)):
            seen.required = True
            seen.examples += examples


def _variable(name: str, seen: _Found, typed: Variable | None, port: str | None) -> EnvVariable:
    default = next(iter(seen.defaults), None)
    description = typed.description if typed and typed.description else port or ""
    if len(seen.defaults) > 1:
        each = ", ".join(f"{value!r} in {' and '.join(users)}" for value, users in seen.defaults.items())
        description = f"{description}\nWithout it: {each}".strip()
    example = None
    if typed is not None and typed.example is not None:
        example = scalar_text(typed.example)
    elif seen.required and default is not None:
        example = default
    elif seen.required:
        example = _EXAMPLES.get(typed.type) if typed else next(iter(seen.examples), None)
        example = typed.values[0] if typed and typed.values else example or _EXAMPLE
    return EnvVariable(
        name=name,
        default=None if seen.required else default,
        required=seen.required,
        example=example,
        description=description,
        kind="port" if port else typed.type if typed else "string",
        secret=bool(typed and typed.secret),
        services=tuple(seen.services),
    )


def _default(value: Value) -> str | None:
    """The text that a value has under an empty environment; None where it has none, or is no text."""
    if isinstance(value, Interpolated):
        return value.default
    return value if isinstance(value, str) else None


def _interpolations(
    value: "Value | Mapping[str, Value]", route: Route
) -> Iterator[tuple[Interpolated, Interpolation, Route]]:
    """Every part that compose fills in, with the text that it is a part of and the keys that lead to it."""
    if isinstance(value, Interpolated):
        yield from ((value, part, route) for part in value.interpolations)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _interpolations(item, (*route, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _interpolations(item, (*route, index))
