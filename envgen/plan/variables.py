"""The contract with .env: every variable that the compose file takes, and every secret file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envgen.interpolation import Interpolated, Interpolation, parse
from envgen.plan.examples import example_of
from envgen.plan.model import Blank, EnvVariable, Generation, SecretFile, Value
from envgen.plan.services import PlannedService
from envgen.plan.typed import generation, scalar_text, value_type
from envgen.source import Route
from envgen.spec.secrets import GENERATE
from envgen.spec.variable import Generate, Variable
from envgen.value_types import ValueType

_EXAMPLES = {
    "bool": "true", "bytes": "64m", "duration": "30s", "int": "1", "json": "{}", "number": "1.0", "path": "./data",
    "port": "8080", "url": "https://example.com",
}  # fmt: skip
PLACEHOLDER = "change-me"
"""The value of .env.example where no other is known: never a real one."""
_ANY_TEXT = ValueType()
_SOURCES = frozenset({"file", "environment", "external"})
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
    blanks: set[Blank] = field(default_factory=set)

    @property
    def blank(self) -> Blank:
        """What compose makes of nothing: where one place refuses it, it refuses."""
        return next((blank for blank in Blank if blank in self.blanks and blank is not Blank.DEFAULT), Blank.DEFAULT)


def plan_variables(services: Sequence[PlannedService], sections: Mapping[str, Value]) -> tuple[EnvVariable, ...]:
    """The variables in the order in which they appear."""
    found: dict[str, _Found] = {}
    typed: dict[str, list[Variable]] = {}
    ports: dict[str, str] = {}
    sensitive: set[str] = set()
    for planned in services:
        name = planned.service.name
        for variable_name, variable in planned.environment.typed.items():
            typed.setdefault(variable_name, []).append(variable)
        sensitive |= planned.environment.sensitive
        ports |= {port.name: f"the host port of {name}, for its port {port.target}" for port in planned.ports.variables}
        _gather(found, planned.service.compose, name)
        # a pass-through variable is no interpolation, but comes from .env all the same
        for variable_name in _passed(planned):
            seen = found.setdefault(variable_name, _Found())
            seen.services[name] = None
            seen.blanks.add(Blank.EMPTY)
    for section, value in sections.items():
        for entry, content in value.items() if isinstance(value, dict) else (("", value),):
            _gather(found, {section: {entry: content}}, f"{section}.{entry}".rstrip("."))
    for variable_name, place, users in _contents(services, sections):
        seen = found.setdefault(variable_name, _Found())
        seen.services |= dict.fromkeys(users or (place,))
        seen.required = seen.required or bool(users)
        seen.blanks.add(Blank.EMPTY)
        sensitive |= {variable_name} if place.startswith("secrets.") else set()
    return tuple(
        _variable(name, seen, typed.get(name, []), ports.get(name), is_sensitive=name in sensitive)
        for name, seen in found.items()
        if name and not name.startswith("COMPOSE_")
    )


def plan_secret_files(
    services: Sequence[PlannedService],
    secrets: Mapping[str, Value],
    generated: Mapping[str, bool | Generate] | None = None,
) -> tuple[SecretFile, ...]:
    """The secrets that are read from files, in the order of the compose file.

    `generated` is what the top-level `secrets` say of how they are made, which holds before what variables say.
    """
    users: dict[str, dict[str, None]] = {}
    types: dict[str, dict[ValueType, None]] = {}
    made: dict[str, Generation] = {}
    for planned in services:
        listed = planned.service.compose.get("secrets")
        for item in listed if isinstance(listed, list) else ():
            source = item.get("source") if isinstance(item, dict) else item
            users.setdefault(str(source), {})[planned.service.name] = None
        for name, content in planned.environment.contents.items():
            types.setdefault(name, {})[content] = None
        made = {**planned.environment.generated, **made}
    for planned in services:
        made = {**planned.environment.made_by_default, **made}
    own = {name: generation(written) for name, written in (generated or {}).items()}
    files = ((name, entry.get("file")) for name, entry in secrets.items() if isinstance(entry, dict))
    return tuple(
        SecretFile(
            name=name,
            path=path,
            services=tuple(users.get(name, ())),
            location=location,
            types=tuple(one for one in types.get(name, ()) if one != _ANY_TEXT),
            generate=own[name] if name in own else made.get(name),
        )
        for name, location in files
        if isinstance(location, str | Interpolated) and (path := _default(location)) is not None
    )


def secret_entry(name: str, declared: Value) -> Value:
    """A secret of compose's top-level `secrets`: as declared, or the file that a secret is unless said otherwise."""
    own = {key: value for key, value in declared.items() if key != GENERATE} if isinstance(declared, dict) else declared
    if not own:
        return {"file": f"./secrets/{name}"}
    was_generated = isinstance(declared, dict) and GENERATE in declared and isinstance(own, dict)
    return {"file": f"./secrets/{name}", **own} if was_generated and not _SOURCES & own.keys() else own  # type: ignore[dict-item,union-attr]


def _gather(found: dict[str, _Found], compose: Mapping[str, Value], user: str) -> None:
    for text, part, route in _interpolations(compose, ()):
        seen = found.setdefault(part.name, _Found())
        seen.services[user] = None
        if part.operator in (":-", "-"):
            seen.blanks.add(Blank.DEFAULT if part.operator == ":-" else Blank.EMPTY)
            default = _default(parse(part.operand))
            if default is not None:
                seen.defaults.setdefault(default, []).append(user)
            continue
        examples = list(example_of(text, part, route))
        if part.operator in (":?", "?") or (not part.operator and examples and not _MAY_BE_BLANK & set(route)):
            seen.required = True
            seen.examples += examples
            seen.blanks.add(Blank.EMPTY if part.operator == "?" else Blank.MISSING)
        else:
            seen.blanks.add(Blank.EMPTY)


def _variable(
    name: str, seen: _Found, typed: Sequence[Variable], port: str | None, *, is_sensitive: bool
) -> EnvVariable:
    default = next(iter(seen.defaults), None)
    description = next((variable.description for variable in typed if variable.description), port or "")
    if len(seen.defaults) > 1:
        each = ", ".join(f"{value!r} in {' and '.join(users)}" for value, users in seen.defaults.items())
        description = f"{description}\nWithout it: {each}".strip()
    types = tuple(one for one in dict.fromkeys(map(value_type, typed)) if one != _ANY_TEXT)
    is_port = port is not None and ValueType(type="port").problem(default or "") is None
    if is_port and not types:
        types = (ValueType(type="port"),)
    example = next((scalar_text(variable.example) for variable in typed if variable.example is not None), None)
    if example is None and seen.required:
        example = _example(seen, types) if default is None else default
    return EnvVariable(
        name=name,
        default=None if seen.required else default,
        required=seen.required,
        example=example,
        description=description,
        kind=types[0].type if types else "port" if port else "string",
        secret=is_sensitive or any(variable.secret for variable in typed),
        services=tuple(seen.services),
        types=types,
        blank=seen.blank,
        generate=next((made for variable in typed if (made := generation(variable.generate)) is not None), None),
    )


def _example(seen: _Found, types: Sequence[ValueType]) -> str:
    """A value that the types allow where there is one at hand, else a word that says what to do."""
    likely = [
        *(value for one in types for value in one.values),
        *(bound for one in types for bound in (one.minimum, one.maximum) if bound is not None),
        *seen.examples,
    ]
    likely[:0] = [_EXAMPLES[one.type] for one in types if one.type in _EXAMPLES]
    fitting = (text for text in likely if not any(one.problem(text) for one in types))
    return next(fitting, PLACEHOLDER)


def _passed(planned: PlannedService) -> Iterator[str]:
    """The variables that compose passes on where they are set, by name only."""
    build = planned.service.compose.get("build")
    arguments = build.get("args") if isinstance(build, dict) else None
    for names in (planned.service.compose.get("environment"), arguments):
        if isinstance(names, dict):
            yield from (name for name, value in names.items() if value is None)
        elif isinstance(names, list):
            yield from (item for item in names if isinstance(item, str) and "=" not in item)


def _contents(
    services: Sequence[PlannedService], sections: Mapping[str, Value]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The variables that hold a secret or a config: each with the place that says so, and the services that take it."""
    for section in ("secrets", "configs"):
        declared = sections.get(section)
        for name, entry in declared.items() if isinstance(declared, dict) else ():
            variable = entry.get("environment") if isinstance(entry, dict) else None
            if isinstance(variable, str):
                yield variable, f"{section}.{name}", tuple(_mounting(services, section, name))


def _mounting(services: Sequence[PlannedService], section: str, name: str) -> Iterator[str]:
    for planned in services:
        listed = planned.service.compose.get(section)
        for item in listed if isinstance(listed, list) else ():
            if (item.get("source") if isinstance(item, dict) else item) == name:
                yield planned.service.name


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
