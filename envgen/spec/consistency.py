"""What compose refuses of a file that its schema allows (compose-go's loader/validate.go and loader/interpolate.go).

A text with an interpolation is never reported: what it becomes is known only when compose runs.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from envgen import codes, suggest
from envgen.compose_schema import describe, has_interpolation
from envgen.merging import KEEP
from envgen.source import Data, Problem, Route
from envgen.spec.compose_view import service_keys
from envgen.spec.model import ENVGEN_ONLY_BUILD_KEYS

_BOOLEANS = frozenset({"true", "false", "y", "yes", "on", "n", "no", "off"})
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PORTS = r"[0-9]+(?:-[0-9]+)?"
_SHORT_PORT = re.compile(
    rf"(?:(?:(?:[0-9]+(?:\.[0-9]+){{3}}|\[[0-9a-fA-F:.]+\]|(?=[^/]*[a-fA-F:]:)(?![0-9]+:[0-9]+:)[0-9a-fA-F]*:[0-9a-fA-F:]*):)?(?P<published>(?:{_PORTS})?):)?"
    rf"(?P<target>{_PORTS})(?:/(?i:tcp|udp|sctp))?"
)
_MAX_PORT = 65535
_Cast = tuple[str, Callable[[str], bool]]
_WHOLE_NUMBER: _Cast = ("a whole number", lambda text: bool(_WHOLE.fullmatch(text)))
_ANY_NUMBER: _Cast = ("a number", lambda text: bool(_NUMBER.fullmatch(text)))
_BOOLEAN: _Cast = ("true or false", lambda text: text.lower() in _BOOLEANS)

# keys of a service that compose turns from text into a number or boolean; `*` is any key or index
_CASTS: Mapping[_Cast, tuple[str, ...]] = {
    _WHOLE_NUMBER: (
        "cpu_count", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "oom_score_adj",
        "pids_limit", "scale", "healthcheck.retries", "ports.*.target", "ulimits.*", "ulimits.*.hard",
        "ulimits.*.soft", "deploy.replicas", "deploy.update_config.parallelism", "deploy.rollback_config.parallelism",
        "deploy.restart_policy.max_attempts", "deploy.placement.max_replicas_per_node",
    ),
    _ANY_NUMBER: (
        "cpu_percent", "cpus", "deploy.update_config.max_failure_ratio", "deploy.rollback_config.max_failure_ratio",
    ),
    _BOOLEAN: (
        "init", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty", "depends_on.*.required",
        "depends_on.*.restart", "healthcheck.disable", "volumes.*.read_only", "volumes.*.volume.nocopy",
    ),
}  # fmt: skip
_CAST_PATHS = tuple((tuple(path.split(".")), cast) for cast, paths in _CASTS.items() for path in paths)
_SECTION_BOOLEANS: Mapping[str, tuple[str, ...]] = {
    "networks": ("external", "internal", "attachable", "enable_ipv4", "enable_ipv6"),
    "volumes": ("external",),
    "secrets": ("external",),
    "configs": ("external",),
}
_IMAGE_KEYS = ("image", "build", "uses", "preset", "provider", "extends")
_SOURCES = ("file", "environment", "external")
_TEST_KINDS = ("CMD", "CMD-SHELL", "NONE")


def check(data: dict[str, Data]) -> Iterator[Problem]:
    """Problems that compose would have with a spec's data, beyond those that its schema tells of."""
    defaults = _map(data.get("defaults"))
    for name, service in _map(data.get("services")).items():
        if isinstance(service, dict):
            route: Route = ("services", name)
            yield from _image(route, service, defaults)
            yield from _build_keys(route, service, defaults)
            yield from _service(route, service)
    yield from _service(("defaults",), defaults)
    for section, keys in _SECTION_BOOLEANS.items():
        for name, entry in _map(data.get(section)).items():
            for key in keys:
                yield from _cast(entry, (key,), (section, name), _BOOLEAN)
    yield from _secret_sources(data)


def _service(route: Route, service: dict[str, Data]) -> Iterator[Problem]:
    for path, cast in _CAST_PATHS:
        if path[0] in service:
            yield from _cast(service, path, route, cast)
    yield from _ports((*route, "ports"), service.get("ports"))
    yield from _test(route, service)
    if service.get("network_mode") and service.get("networks"):
        message, hint = "`network_mode` and `networks` contradict each other", "take one of the two"
        yield Problem(code=codes.CONFLICT, route=(*route, "network_mode"), message=message, hint=hint, at_key=True)


def _image(route: Route, service: dict[str, Data], defaults: dict[str, Data]) -> Iterator[Problem]:
    if not any(key in service or key in defaults or _is_meant(key, service, service_keys()) for key in _IMAGE_KEYS):
        message = f"`{route[-1]}` has neither an image nor anything that makes one"
        hint = "add `image:`, `build:`, `uses:` or `preset:`"
        yield Problem(code=codes.MISSING_KEY, route=route, message=message, hint=hint, at_key=True)


def _build_keys(route: Route, service: dict[str, Data], defaults: dict[str, Data]) -> Iterator[Problem]:
    build = service.get("build")
    if service.get("uses") is not None or not isinstance(build, dict):
        return
    for key in build:
        if key in ENVGEN_ONLY_BUILD_KEYS and key not in _map(defaults.get("build")):
            message = f"`{key}` goes into the Dockerfile that envgen renders, but without `uses` it renders none"
            hint = "add `uses:`, or say it in your own Dockerfile"
            place = (*route, "build", key)
            yield Problem(code=codes.CONFLICT, route=place, message=message, hint=hint, at_key=True)


def _test(route: Route, service: dict[str, Data]) -> Iterator[Problem]:
    test = _map(service.get("healthcheck")).get("test")
    first = test[0] if isinstance(test, list) and test else None
    if isinstance(first, str) and first not in _TEST_KINDS and not has_interpolation(first):
        message = f"the list of a test starts with {', '.join(_TEST_KINDS[:-1])} or {_TEST_KINDS[-1]}, not `{first}`"
        hint = f"write [CMD, {first}, ...]"
        place = (*route, "healthcheck", "test", 0)
        yield Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=hint)


def _ports(route: Route, ports: Data) -> Iterator[Problem]:
    for index, port in enumerate(ports if isinstance(ports, list) else ()):
        if port == KEEP:
            continue
        place = (*route, index)
        if isinstance(port, dict):
            for key in ("target", "published"):
                value = port.get(key)
                numbers: dict[Route, Data] = {(*place, key): value}
                if isinstance(value, dict):
                    numbers = {(*place, key, variant): number for variant, number in value.items()}
                for where, number in numbers.items():
                    if str(number).isdecimal() and int(str(number)) > _MAX_PORT:
                        yield _no_port(where, str(number))
        elif isinstance(port, str | int) and not isinstance(port, bool) and not has_interpolation(port):
            yield from _short_port(place, str(port))


def _short_port(place: Route, text: str) -> Iterator[Problem]:
    match = _SHORT_PORT.fullmatch(text)
    if match is None or not _fit(match["published"], match["target"]):
        message = f"`{text}` is no port that compose can read"
        hint = "write 8080:80, 127.0.0.1:8080:80, 8080-8081:80-81 or 53:53/udp, in quotes"
        yield Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=hint)
        return
    for number in re.findall("[0-9]+", f"{match['published'] or ''} {match['target']}"):
        if int(number) > _MAX_PORT:
            yield _no_port(place, number)


def _fit(published: str | None, target: str) -> bool:
    """Whether two ranges of ports (`80`, `80-81`) can be laid side by side."""
    (first, last), (host_first, host_last) = _bounds(target), _bounds(published or "0")
    return (
        0 < first <= last and host_first <= host_last and (not published or last - first in {0, host_last - host_first})
    )


def _bounds(ports: str) -> tuple[int, int]:
    first, _, last = ports.partition("-")
    return int(first), int(last or first)


def _no_port(route: Route, number: str) -> Problem:
    return Problem(code=codes.INVALID_VALUE, route=route, message=f"`{number}` is no port: 1 to {_MAX_PORT}")


def _secret_sources(data: dict[str, Data]) -> Iterator[Problem]:
    for name, secret in _map(data.get("secrets")).items():
        given = isinstance(secret, dict) and any(key in secret or _is_meant(key, secret, _SOURCES) for key in _SOURCES)
        if isinstance(secret, dict) and secret and not given:
            message = f"nothing says where the secret `{name}` comes from"
            hint = f"add `file: ./secrets/{name}`, `environment: NAME` or `external: true`"
            yield Problem(code=codes.MISSING_KEY, route=("secrets", name), message=message, hint=hint, at_key=True)


def _cast(value: Data, path: tuple[str, ...], route: Route, cast: _Cast) -> Iterator[Problem]:
    """The problem of a text at `path` below `value` that compose can't turn into what it needs there."""
    if path:
        head, *rest = path
        if isinstance(value, dict):
            keys: list[str] = [*value] if head == "*" else [head] if head in value else []
            for key in keys:
                yield from _cast(value[key], tuple(rest), (*route, key), cast)
        elif isinstance(value, list) and head == "*":
            for index, item in enumerate(value):
                yield from _cast(item, tuple(rest), (*route, index), cast)
        return
    expected, fits = cast
    if isinstance(value, str) and not fits(value) and not has_interpolation(value):
        yield Problem(code=codes.WRONG_TYPE, route=route, message=f"expected {expected}, found {describe(value)}")


def _is_meant(key: str, written: dict[str, Data], known: Collection[str]) -> bool:
    """Whether the key is there, misspelled; that is reported where unknown keys are."""
    return any(suggest.closest(name, known) == key for name in written if name not in known)


def _map(value: Data) -> dict[str, Data]:
    return value if isinstance(value, dict) else {}
