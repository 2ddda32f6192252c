"""The contract with .env: every variable that the compose file takes, and every secret file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from envgen.interpolation import Interpolated, Interpolation
from envgen.plan.environment import scalar_text
from envgen.plan.model import EnvVariable, SecretFile, Value
from envgen.plan.services import PlannedService
from envgen.spec.model import Variable

_EXAMPLES = {"int": "1", "number": "1.0", "bool": "true", "port": "8080", "url": "https://example.com"}
_EXAMPLE = "change-me"


def plan_variables(services: Sequence[PlannedService], sections: Mapping[str, Value]) -> tuple[EnvVariable, ...]:
    """The variables in the order in which they appear."""
    found: dict[str, list[Interpolation]] = {}
    users: dict[str, dict[str, None]] = {}
    typed: dict[str, Variable] = {}
    ports: dict[str, str] = {}
    for planned in services:
        typed = {**planned.environment.typed, **typed}
        ports |= {variable.name: f"the host port of {planned.service.name}, for its port {variable.target}"
                  for variable in planned.ports.variables}  # fmt: skip
        for part in _interpolations(planned.service.compose):
            found.setdefault(part.name, []).append(part)
            users.setdefault(part.name, {})[planned.service.name] = None
        # a pass-through variable is no interpolation, but comes from .env all the same
        for name, variable in planned.environment.typed.items():
            if variable.default is None and not variable.required and not variable.secret:
                found.setdefault(name, [])
                users.setdefault(name, {})[planned.service.name] = None
    for part in _interpolations(sections):
        found.setdefault(part.name, []).append(part)
    return tuple(
        _variable(name, parts, typed.get(name), ports.get(name), tuple(users.get(name, ())))
        for name, parts in found.items()
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
    files = ((name, entry.get("file")) for name, entry in secrets.items() if isinstance(entry, dict))
    return tuple(
        SecretFile(name=name, path=path, services=tuple(users.get(name, ())))
        for name, path in files
        if isinstance(path, str)
    )


def _variable(
    name: str, parts: Sequence[Interpolation], typed: Variable | None, port: str | None, services: tuple[str, ...]
) -> EnvVariable:
    default = next((part.operand.replace("$$", "$") for part in parts if part.operator in (":-", "-")), None)
    required = any(part.operator in (":?", "?") for part in parts)
    example = None
    if typed is not None and typed.example is not None:
        example = scalar_text(typed.example)
    elif required and default is None:
        example = typed.values[0] if typed and typed.values else _EXAMPLES.get(typed.type if typed else "", _EXAMPLE)
    return EnvVariable(
        name=name,
        default=default,
        required=required,
        example=example,
        description=typed.description if typed and typed.description else port or "",
        kind="port" if port else typed.type if typed else "string",
        secret=bool(typed and typed.secret),
        services=services,
    )


def _interpolations(value: "Value | Mapping[str, Value]") -> Iterator[Interpolation]:
    if isinstance(value, Interpolated):
        yield from value.interpolations
    elif isinstance(value, Mapping):
        yield from _each(value.values())
    elif isinstance(value, list):
        yield from _each(value)


def _each(values: Iterable[Value]) -> Iterator[Interpolation]:
    for value in values:
        yield from _interpolations(value)
