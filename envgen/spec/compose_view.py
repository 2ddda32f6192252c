"""What of a spec is compose's: the part that the compose-spec schema can check.

envgen's own keys and value forms are taken out or replaced by a form that compose takes; routes stay the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from envgen import codes, compose_schema, suggest
from envgen.source import Data, Problem, Route
from envgen.spec.model import (
    ENVGEN_ONLY_BUILD_KEYS,
    ENVGEN_ONLY_BUILD_SECRET_KEYS,
    ENVGEN_ONLY_HEALTHCHECK_KEYS,
    ENVGEN_ONLY_SERVICE_KEYS,
    Port,
)
from envgen.spec.secrets import GENERATE, compose_part

PER_VARIANT_KEYS = frozenset({"container_name", "hostname", "image"})
_SUBSECTIONS = ("build", "deploy", "healthcheck", "logging")
_EXTRA_KEYS: Mapping[str, frozenset[str]] = {
    "build": ENVGEN_ONLY_BUILD_KEYS,
    "healthcheck": ENVGEN_ONLY_HEALTHCHECK_KEYS,
}


def check(data: dict[str, Data]) -> Iterator[Problem]:
    """Problems that compose would have with the compose part of a spec."""
    view: dict[str, Data] = {key: value for key, value in data.items() if key in compose_schema.top_level_keys()}
    view["services"] = _services(data.get("services"))
    view["secrets"] = _secrets(data.get("secrets"))
    defaults = data.get("defaults")
    for problem in compose_schema.check(_without_empty(view)):
        yield _with_own_keys(problem)
    if isinstance(defaults, dict):
        for problem in compose_schema.check({"services": {"defaults": _service(defaults)}}):
            moved: Route = ("defaults", *problem.route[2:])
            yield _with_own_keys(replace(problem, route=moved))


def service_keys() -> frozenset[str]:
    """Every key that a service of a spec may hold."""
    return frozenset(compose_schema.service_properties()) | ENVGEN_ONLY_SERVICE_KEYS


def newer_keys(data: dict[str, Data]) -> Iterator[Problem]:
    """The keys handed to compose unchecked: a warning each, an error where compose's schema knows the key."""
    services = data.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        passed = service.get("compose") if isinstance(service, dict) else None
        for key in passed if isinstance(passed, dict) else ():
            route = ("services", name, "compose", key)
            if key in service_keys():
                message, hint = f"`{key}` is no newer key: envgen checks it", "write it on the service itself"
                yield Problem(code=codes.CONFLICT, route=route, message=message, hint=hint, at_key=True)
            else:
                message = f"`{key}` is passed to compose unchecked"
                yield Problem(code=codes.NEWER_COMPOSE_KEY, route=route, message=message, at_key=True)


def _services(services: Data) -> Data:
    if not isinstance(services, dict):
        return services
    return {name: _service(service) if isinstance(service, dict) else service for name, service in services.items()}


def _service(service: dict[str, Data]) -> dict[str, Data]:
    view = {key: value for key, value in service.items() if key not in ENVGEN_ONLY_SERVICE_KEYS}
    for key in PER_VARIANT_KEYS & view.keys():
        if isinstance(view[key], dict):
            del view[key]
    if isinstance(view.get("user"), dict):
        del view["user"]
    for key, own in _EXTRA_KEYS.items():
        value = view.get(key)
        if isinstance(value, dict):
            view[key] = {name: item for name, item in value.items() if name not in own}
    build = view.get("build")
    mounted = build.get("secrets") if isinstance(build, dict) else None
    if isinstance(build, dict) and isinstance(mounted, list):
        secrets = [_without_keys(item, ENVGEN_ONLY_BUILD_SECRET_KEYS) for item in mounted]
        view["build"] = {**build, "secrets": secrets}
    environment, ports, volumes = view.get("environment"), view.get("ports"), view.get("volumes")
    if isinstance(environment, dict):
        view["environment"] = {key: None if isinstance(item, dict) else item for key, item in environment.items()}
    if isinstance(ports, list):
        view["ports"] = [_without_map(item, "published") for item in ports]
    if isinstance(volumes, list):
        view["volumes"] = [_without_map(item, "source") for item in volumes]
    return view


def _without_keys(item: Data, keys: frozenset[str]) -> Data:
    return {name: value for name, value in item.items() if name not in keys} if isinstance(item, dict) else item


def _without_map(item: Data, key: str) -> Data:
    if isinstance(item, dict) and isinstance(item.get(key), dict):
        return {name: value for name, value in item.items() if name != key}
    return item


def _secrets(secrets: Data) -> Data:
    if not isinstance(secrets, dict):
        return secrets
    return {name: {} if value is None else compose_part(value) for name, value in secrets.items()}


def _without_empty(view: dict[str, Data]) -> dict[str, Data]:
    return {key: value for key, value in view.items() if value is not None}


def _with_own_keys(problem: Problem) -> Problem:
    """The same problem, its hint looked up among envgen's keys, too."""
    if problem.code == codes.UNKNOWN_KEY and problem.route[0] == "secrets" and len(problem.route) == 3:  # noqa: PLR2004 - secrets, NAME, KEY
        known_keys = {GENERATE, *compose_schema.schema()["$defs"]["secret"]["properties"]}
        return replace(problem, hint=suggest.hint(str(problem.route[-1]), known_keys))
    if problem.code != codes.UNKNOWN_KEY or len(problem.route) < 3:  # noqa: PLR2004 - services, NAME, KEY
        return problem
    *above, last = problem.route
    is_service = above == ["defaults"] or (above[0] == "services" and len(above) == 2)  # noqa: PLR2004 - services, NAME
    parent = above[-1]
    if is_service:
        known: frozenset[str] = service_keys()
    elif isinstance(parent, str) and parent in _EXTRA_KEYS:
        known = _EXTRA_KEYS[parent] | _nested_properties(parent)
    elif isinstance(parent, int) and above[-2] == "ports":
        known = frozenset(Port.model_fields) | _nested_properties("ports")
    else:
        return problem
    hint = suggest.hint(str(last), known)
    inside = [f"`{key}:`" for key in _SUBSECTIONS if is_service and last in _nested_properties(key)]
    if hint is None and inside:
        hint = f"it belongs under {' or '.join(inside)}"
    elif hint is None and is_service:
        hint = "a key of compose's that envgen doesn't know yet goes under `compose:`"
    return replace(problem, hint=hint)


def _nested_properties(key: str) -> frozenset[str]:
    return frozenset(compose_schema.nested_properties(key))
