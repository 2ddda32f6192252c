"""From a preset's file to a preset: everything that is wrong with the file, at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from string import Formatter

from envgen import codes, compose_schema, suggest
from envgen.compose_schema import describe
from envgen.finding import EnvgenError
from envgen.presets.model import CONDITIONS, Preset, Secret, fill, misspelled, needs_memory
from envgen.source import Data, Problem, Route, Source
from envgen.value_types import GENERATED

_REQUIRED = ("summary", "port", "service")
_KEYS = (*_REQUIRED, "url", "ports", "urls", "secrets", "configs", "notes", "variants")
_SECRET_KEYS = ("description", "generate")
_CONFIG_KEYS = ("content", "file")
_WITH_PLACEHOLDERS = ("secrets", "configs", "service", "variants")
_NAME = re.compile(r"^[a-z][a-z_]*$")
_HIGHEST_PORT = 65535
_SOME_MEMORY = 1 << 30  # for checks only
_PLACES = ("host", "port")

Problems = Iterator[Problem]


def read(source: Source, name: str) -> Preset:
    """The preset in a file, under that name; raises EnvgenError with every problem that the file has."""
    findings = [*source.problems, *map(source.finding, _check(source.data))]
    if findings:
        raise EnvgenError(sorted(dict.fromkeys(findings), key=lambda one: (one.line, one.column, one.code)))
    data = _map(source.data)
    secrets = {key: _map(value) for key, value in _map(data.get("secrets")).items()}
    configs = _map(data.get("configs"))
    variants = [_map(entry) for entry in _list(data.get("variants"))]
    return Preset(
        name=name,
        summary=str(data["summary"]),
        port=_number(data["port"]),
        url=None if data.get("url") is None else str(data["url"]),
        service=_map(data["service"]),
        ports={key: _number(value) for key, value in _map(data.get("ports")).items()},
        urls={key: str(value) for key, value in _map(data.get("urls")).items()},
        secrets={key: _secret(value) for key, value in secrets.items()},
        configs={name: {key: str(text) for key, text in _map(config).items()} for name, config in configs.items()},
        notes=tuple(str(note) for note in _list(data.get("notes"))),
        variants=tuple((entry, _map(entry.get("service"))) for entry in variants),
    )


def _secret(data: Mapping[str, Data]) -> Secret:
    generate = data.get("generate")
    return Secret(
        description=str(data.get("description") or ""), generate=generate if isinstance(generate, dict) else None
    )


def _check(data: Data) -> Problems:
    if not isinstance(data, dict):
        yield _wrong((), data, "a preset is a map", "start with `summary:`, `port:` and `service:`")
        return
    yield from _known(data, _KEYS, ())
    for key in _REQUIRED:
        if data.get(key) is None:
            message = f"`{key}` is missing"
            yield Problem(code=codes.MISSING_KEY, route=(), message=message, hint=f"add `{key}:`")
    for key, check in _CHECKS.items():
        if data.get(key) is not None:
            yield from check(data, (key,), data[key])
    for key in _WITH_PLACEHOLDERS:
        yield from _placeholders((key,), data.get(key))


def _placeholders(route: Route, value: Data) -> Problems:
    """Placeholders with a slip of the pen; all other braces are text."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _placeholders((*route, index), item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _slips((*route, name), name, at_key=True)
            yield from _placeholders((*route, name), item)
    elif isinstance(value, str):
        yield from _slips(route, value)


def _slips(route: Route, text: str, *, at_key: bool = False) -> Problems:
    for written, meant in misspelled(text):
        message, hint = f"`{written}` is no placeholder", f"did you mean `{meant}`?"
        yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint, at_key=at_key)


def _text(_: Mapping[str, Data], route: Route, value: Data) -> Problems:
    if not isinstance(value, str) or not value.strip():
        yield _wrong(route, value, "this should be text")


def _port(_: Mapping[str, Data], route: Route, value: Data) -> Problems:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _HIGHEST_PORT:
        yield _wrong(route, value, "a port is a number from 1 to 65535")


def _url(data: Mapping[str, Data], route: Route, value: Data) -> Problems:
    """A URL's braces name the host, the port, or an environment variable of the service."""
    if not isinstance(value, str):
        yield _wrong(route, value, "this should be text")
        return
    known = (*_PLACES, *_variables(_map(data.get("service")).get("environment")))
    try:
        names = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
    except ValueError:
        hint = "write names in braces, such as {host} and {port}"
        yield Problem(code=codes.INVALID_VALUE, route=route, message="a brace is open or closed alone", hint=hint)
        return
    for name in names:
        if name not in known:
            message = f"`{{{name}}}` is neither host nor port nor an environment variable of the service"
            yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=suggest.hint(name, known))


def _named(check: Callable[[Mapping[str, Data], Route, Data], Problems]) -> "Check":
    def every(data: Mapping[str, Data], route: Route, value: Data) -> Problems:
        if not isinstance(value, dict):
            yield _wrong(route, value, "this should be a map")
            return
        for name, item in value.items():
            if not _NAME.match(name):
                message, hint = f"`{name}` is no name for a port", "use small letters and `_`"
                yield Problem(code=codes.INVALID_VALUE, route=(*route, name), message=message, hint=hint, at_key=True)
            yield from check(data, (*route, name), item)

    return every


def _secrets(_: Mapping[str, Data], route: Route, value: Data) -> Problems:
    if not isinstance(value, dict):
        yield _wrong(route, value, "this should be a map from a secret's name to what is known of it")
        return
    for name, secret in value.items():
        place = (*route, name)
        if not isinstance(secret, dict | None):
            yield _wrong(place, secret, "a secret is a map with `description` and `generate`")
            continue
        entries = secret or {}
        yield from _known(entries, _SECRET_KEYS, place)
        if not isinstance(entries.get("description", ""), str):
            yield _wrong((*place, "description"), entries["description"], "this should be text")
        generate = entries.get("generate")
        if isinstance(generate, dict):
            yield from _generate((*place, "generate"), generate)
        elif generate is not None:
            hint = "write generate: {type: password, length: 32}"
            yield _wrong((*place, "generate"), generate, "this should be a map", hint)


def _generate(route: Route, data: dict[str, Data]) -> Problems:
    yield from _known(data, ("type", "length"), route)
    if data.get("type", "password") not in GENERATED:
        yield _wrong((*route, "type"), data["type"], f"this should be one of {', '.join(GENERATED)}")
    length = data.get("length")
    if length is not None and (not isinstance(length, int) or not 8 <= length <= 1024):  # noqa: PLR2004 - as in specs
        yield _wrong((*route, "length"), length, "this should be a number from 8 to 1024")
    elif length is not None and data.get("type") == "uuid":
        yield _wrong((*route, "length"), length, "a UUID has a length of its own, so this should be left out")


def _configs(_: Mapping[str, Data], route: Route, value: Data) -> Problems:
    if not isinstance(value, dict):
        yield _wrong(route, value, "this should be a map from a config's name to its content")
        return
    for name, config in value.items():
        place = (*route, name)
        if not isinstance(config, dict):
            yield _wrong(place, config, "a config is a map with `content` or `file`")
            continue
        yield from _known(config, _CONFIG_KEYS, place)
        for key in _CONFIG_KEYS:
            if key in config:
                yield from _text({}, (*place, key), config[key])
        if len(set(_CONFIG_KEYS) & config.keys()) != 1:
            message = "a config needs one of `content` and `file`"
            yield Problem(code=codes.MISSING_KEY, route=place, message=message, at_key=True)


def _notes(_: Mapping[str, Data], route: Route, value: Data) -> Problems:
    if not isinstance(value, list):
        yield _wrong(route, value, "this should be a list of texts", "put it in brackets: [...]")
        return
    for index, note in enumerate(value):
        yield from _text({}, (*route, index), note)


def _service(data: Mapping[str, Data], route: Route, value: Data) -> Problems:
    yield from _compose(route, value)
    if not isinstance(value, dict):
        return
    image = value.get("image")
    if image is None:
        yield Problem(
            code=codes.MISSING_KEY, route=route, message="`image` is missing", hint="add `image:`", at_key=True
        )
    if needs_memory([value, data.get("configs"), data.get("variants")]) and value.get("mem_limit") is None:
        message = "a placeholder asks for a part of the memory limit, and there is none"
        yield Problem(code=codes.MISSING_KEY, route=route, message=message, hint="add `mem_limit:`", at_key=True)


def _variants(data: Mapping[str, Data], route: Route, value: Data) -> Problems:
    if not isinstance(value, list):
        yield _wrong(route, value, "this should be a list of variants", "put it in brackets: [...]")
        return
    del data
    for index, entry in enumerate(value):
        place = (*route, index)
        if not isinstance(entry, dict):
            yield _wrong(place, entry, "a variant is a map with a condition and `service`")
            continue
        yield from _known(entry, (*CONDITIONS, "service"), place)
        for key in ("tag", "image"):
            if key in entry:
                yield from _text({}, (*place, key), entry[key])
        for key in ("from_major", "before_major"):
            if key in entry and (isinstance(entry[key], bool) or not isinstance(entry[key], int)):
                yield _wrong((*place, key), entry[key], "this should be a whole number, the first part of a version")
        if not set(CONDITIONS) & entry.keys():
            hint = f"add one of {compose_schema.alternatives(f'`{key}`' for key in CONDITIONS)}"
            yield Problem(code=codes.MISSING_KEY, route=place, message="a variant needs a condition", hint=hint)
        if entry.get("service") is None:
            yield Problem(code=codes.MISSING_KEY, route=place, message="`service` is missing", hint="add `service:`")
        else:
            yield from _compose((*place, "service"), entry["service"])


def _compose(route: Route, value: Data) -> Problems:
    """What the compose specification says of a service."""
    if not isinstance(value, dict):
        yield _wrong(route, value, "a service is a map")
        return
    filled = _without_removals(fill(value, "preset", _SOME_MEMORY))
    prefix = ("services", "preset")
    for problem in compose_schema.check({"services": {"preset": filled}}):
        yield Problem(
            code=problem.code,
            route=(*route, *problem.route[len(prefix) :]),
            message=problem.message,
            hint=problem.hint,
            at_key=problem.at_key,
            severity=problem.severity,
        )


def _without_removals(value: Data) -> Data:
    """A service without the nulls of a variant, which take away what is there, and without typed variables."""
    service: dict[str, Data] = {key: item for key, item in _map(value).items() if item is not None}
    if isinstance(service.get("environment"), dict):
        pairs = _map(service["environment"]).items()
        service["environment"] = {name: item for name, item in pairs if not isinstance(item, dict)}
    return dict(service)


Check = Callable[[Mapping[str, Data], Route, Data], Problems]
_CHECKS: Mapping[str, Check] = {
    "summary": _text,
    "port": _port,
    "url": _url,
    "ports": _named(_port),
    "urls": _named(_url),
    "secrets": _secrets,
    "configs": _configs,
    "notes": _notes,
    "service": _service,
    "variants": _variants,
}


def _known(data: Mapping[str, Data], keys: tuple[str, ...], route: Route) -> Problems:
    for key in data:
        if key not in keys and not key.startswith("x-"):
            yield compose_schema.unknown_key((*route, key), dict.fromkeys(keys))


def _wrong(route: Route, value: Data, expected: str, hint: str | None = None) -> Problem:
    return Problem(code=codes.WRONG_TYPE, route=route, message=f"{expected}, not {describe(value)}", hint=hint)


def _variables(environment: Data) -> tuple[str, ...]:
    if isinstance(environment, list):
        return tuple(str(entry).partition("=")[0] for entry in environment)
    return tuple(_map(environment))


def _map(value: Data) -> dict[str, Data]:
    return value if isinstance(value, dict) else {}


def _list(value: Data) -> list[Data]:
    return value if isinstance(value, list) else []


def _number(value: Data) -> int:
    return value if isinstance(value, int) else 0
