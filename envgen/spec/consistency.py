"""What compose refuses of a file that its schema allows (compose-go's loader/validate.go and loader/interpolate.go).

A text with an interpolation is never reported: what it becomes is known only when compose runs.
"""

from collections.abc import Collection, Iterator, Mapping

from envgen import codes, compose_conflicts, compose_formats, suggest
from envgen.compose_formats import Form
from envgen.compose_schema import describe, has_interpolation, top_level_keys
from envgen.merging import KEEP
from envgen.source import Data, Problem, Route
from envgen.spec import secrets
from envgen.spec.compose_view import service_keys
from envgen.spec.model import ENVGEN_ONLY_BUILD_KEYS, Spec

_MAX_PORT = 65535
# what a value is to be, where its text alone doesn't tell
_EXPECTED: Mapping[Form, str] = {
    compose_formats.integer: "a whole number",
    compose_formats.number: "a number",
    compose_formats.boolean: "true or false",
}
_HINTS: Mapping[Form, str] = {
    compose_formats.command: "close what is open, or write a list of words",
    compose_formats.duration: "write it like 10s, 1m30s or 2h",
    compose_formats.size: "write it like 512m, 1.5g or 64k",
    compose_formats.restart: "there are `no`, `always`, `unless-stopped` and `on-failure`",
    compose_formats.container_name: "use letters, digits, `_`, `.` and `-`, and start with a letter or digit",
    compose_formats.stop_signal: "write it like SIGTERM or SIGQUIT",
    compose_formats.host: "write it like name=10.0.0.1 or name=host-gateway",
}
_IMAGE_KEYS = ("image", "build", "uses", "preset", "provider", "extends")
_SOURCES = {
    "secrets": ("file", "environment", "external", secrets.GENERATE),
    "configs": ("file", "environment", "content", "external", "driver"),
}
_SECTIONS = ("include", "networks", "volumes", "secrets", "configs", "models")
_TEST_KINDS = ("CMD", "CMD-SHELL", "NONE")


def check(data: dict[str, Data]) -> Iterator[Problem]:
    """Problems that compose would have with a spec's data, beyond those that its schema tells of."""
    defaults = _map(data.get("defaults"))
    yield from _no_services(data)
    for name, service in _map(data.get("services")).items():
        if isinstance(service, dict):
            route: Route = ("services", name)
            yield from _image(route, service, defaults)
            yield from _build_keys(route, service, defaults)
            yield from _service(route, service, is_managed=_is_managed(service, defaults))
    yield from _service(("defaults",), defaults, is_managed=True)
    for route, text, form in compose_formats.section_texts(data):
        yield from _text(route, text, form)
    yield from _sources(data)
    yield from secrets.check(data)


def _no_services(data: dict[str, Data]) -> Iterator[Problem]:
    """Without services there has to be something else: what other files bring, or networks that they share."""
    if any(data.get(section) for section in _SECTIONS):
        return
    if "services" not in data:
        if not _is_meant("services", data, {*top_level_keys(), *Spec.model_fields}):
            yield Problem(code=codes.MISSING_KEY, route=(), message="the key `services` is missing")
    elif data["services"] == {}:
        message, hint = "a spec needs at least one service", "add one, such as `web: {image: nginx}`"
        yield Problem(code=codes.INVALID_VALUE, route=("services",), message=message, hint=hint)


def _is_managed(service: dict[str, Data], defaults: dict[str, Data]) -> bool:
    """Whether envgen brings the limits of the service together in one place."""
    hardening = service.get("hardening", defaults.get("hardening"))
    return hardening != "none" and (hardening is not None or "uses" in service or "preset" in service)


def _service(route: Route, service: dict[str, Data], *, is_managed: bool) -> Iterator[Problem]:
    for place, text, form in compose_formats.service_texts(service, for_engine=True):
        yield from _text((*route, *place), text, form)
    for place, message in compose_formats.service_others(service):
        yield Problem(code=codes.INVALID_VALUE, route=(*route, *place), message=message, at_key=True)
    yield from _ports((*route, "ports"), service.get("ports"))
    yield from _volumes((*route, "volumes"), service.get("volumes"))
    yield from _test(route, service)
    disagreeing = () if is_managed else compose_conflicts.disagreeing(service)
    for place, message in (*compose_conflicts.excluding(service), *disagreeing):
        hint = "take one of the two"
        yield Problem(code=codes.CONFLICT, route=(*route, *place), message=message, hint=hint, at_key=True)


def _text(route: Route, text: str, form: Form) -> Iterator[Problem]:
    """The problem of a text that compose can't parse; `"..."` in a list stands for others."""
    if has_interpolation(text) or (text == KEEP and isinstance(route[-1], int)):
        return
    problem = form(text.replace("$$", "$"))
    if problem and form in _EXPECTED:
        message = f"expected {_EXPECTED[form]}, found {describe(text)}"
        yield Problem(code=codes.WRONG_TYPE, route=route, message=message)
    elif problem:
        message = f"`{compose_formats.cut(text)}` can't be read: {problem}" if problem.startswith("it ") else problem
        yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=_HINTS.get(form))


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
            yield from _long_port(place, port)
        elif isinstance(port, float):
            message, hint = f"`{port}` is no port", "write a whole number, or a text in quotes"
            yield Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=hint)
        elif isinstance(port, str | int) and not isinstance(port, bool) and not has_interpolation(port):
            yield from _short_port(place, str(port))


def _short_port(place: Route, text: str) -> Iterator[Problem]:
    problem = compose_formats.port(text)
    if problem:
        message = f"`{text}` is no port that compose can read: {problem}"
        hint = "write 8080:80, 127.0.0.1:8080:80, 8080-8081:80-81 or 53:53/udp, in quotes"
        yield Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=hint)


def _long_port(place: Route, port: dict[str, Data]) -> Iterator[Problem]:
    target, address = port.get("target"), port.get("host_ip")
    if isinstance(target, str):
        yield from _text((*place, "target"), target, compose_formats.integer)
    if isinstance(target, int) and target < 0:
        yield _no_port((*place, "target"), str(target))
    if isinstance(address, str) and not has_interpolation(address) and not compose_formats.is_address(address):
        message, hint = f"`{address}` is no IP address", "write it like 127.0.0.1 or ::1"
        yield Problem(code=codes.INVALID_VALUE, route=(*place, "host_ip"), message=message, hint=hint)
    for key in ("target", "published"):
        value = port.get(key)
        numbers: dict[Route, Data] = {(*place, key): value}
        if isinstance(value, dict):
            numbers = {(*place, key, variant): number for variant, number in value.items()}
        for where, number in numbers.items():
            if str(number).isdecimal() and int(str(number)) > _MAX_PORT:
                yield _no_port(where, str(number))


def _volumes(route: Route, volumes: Data) -> Iterator[Problem]:
    for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
        place = (*route, index)
        if isinstance(volume, str) and volume != KEEP and not has_interpolation(volume):
            problem = compose_formats.mount(volume.replace("$$", "$"))
            if problem:
                message = f"`{volume}` is no volume that compose can read: {problem}"
                hint = "write source:/target, source:/target:ro or /target"
                yield Problem(code=codes.INVALID_VALUE, route=place, message=message, hint=hint)
        elif isinstance(volume, dict):
            if "target" not in volume:
                message, hint = "the volume has no `target`", "add the path in the container"
                yield Problem(code=codes.MISSING_KEY, route=place, message=message, hint=hint)
            elif volume.get("type") == "bind" and "source" not in volume:
                message, hint = "the bind mount has no `source`", "add the path on the host"
                yield Problem(code=codes.MISSING_KEY, route=place, message=message, hint=hint)


def _no_port(route: Route, number: str) -> Problem:
    return Problem(code=codes.INVALID_VALUE, route=route, message=f"`{number}` is no port: 1 to {_MAX_PORT}")


def _sources(data: dict[str, Data]) -> Iterator[Problem]:
    """Where secrets and configs come from, and what an external volume can't say."""
    for section, keys in _SOURCES.items():
        for name, entry in _map(data.get(section)).items():
            if not isinstance(entry, dict) or (section == "secrets" and not entry):
                continue  # envgen knows where its own are
            given = [key for key in keys if key in entry or _is_meant(key, entry, keys)]
            if not given:
                kind = section.removesuffix("s")
                message = f"nothing says where the {kind} `{name}` comes from"
                hint = f"add `file: ./{section}/{name}`, `environment: NAME` or `external: true`"
                yield Problem(code=codes.MISSING_KEY, route=(section, name), message=message, hint=hint, at_key=True)
    for route, message in compose_conflicts.in_sections(data):
        yield Problem(code=codes.CONFLICT, route=route, message=message, hint="take one of the two", at_key=True)


def _is_meant(key: str, written: dict[str, Data], known: Collection[str]) -> bool:
    """Whether the key is there, misspelled; that is reported where unknown keys are."""
    return any(suggest.closest(name, known) == key for name in written if name not in known)


def _map(value: Data) -> dict[str, Data]:
    return value if isinstance(value, dict) else {}
