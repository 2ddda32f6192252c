"""Names in a spec that refer to something: what each must refer to.

Works on plain data, so that dangling references are reported beside wrong types, all of a file at once.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from envgen import codes, presets, runtimes, suggest
from envgen.compose_schema import has_interpolation
from envgen.merging import KEEP
from envgen.source import Data, Problem, Route
from envgen.spec.names import addressable, inline_runtime, variant_name
from envgen.spec.runtime import VERSION_FORM

_SECTIONS = ("networks", "secrets", "configs")
_VERSION = re.compile(VERSION_FORM)
_PATH = re.compile(r"[./~]|\\\\|[A-Za-z]$")  # how the source of a bind mount starts; C:\data is a drive
Names = Mapping[str, Collection[str]]  # what may be referred to, by section


def check(data: dict[str, Data]) -> Iterator[Problem]:
    """Problems of references in a spec's data."""
    named_runtimes = _names(data, "runtimes")
    for name, runtime in _maps(data.get("runtimes")):
        yield from _runtime(("runtimes", name), runtime)
    services = _maps(data.get("services"))
    for name, service in services:
        route: Route = ("services", name)
        yield from _uses(route, service.get("uses"), named_runtimes)
        yield from _preset(route, service)
    if data.get("include") is None:  # what compose's include brings is not ours to know
        known = _known_names(data)
        for name, service in services:
            yield from _service(known, ("services", name), service)


def _known_names(data: dict[str, Data]) -> Names:
    """What may be referred to, by section; gathered once, for a spec may have thousands of services."""
    services = data.get("services")
    names: dict[str, Collection[str]] = {
        "services": addressable(services if isinstance(services, dict) else {}),
        **{section: _names(data, section) for section in (*_SECTIONS, "volumes") if _is_map(data, section)},
    }
    if "secrets" in names:
        names["secrets"] = {*names["secrets"], *_typed_secrets(data), *_preset_secrets(data)}
    return names


def _typed_secrets(data: dict[str, Data]) -> Iterator[str]:
    """The secrets that typed variables bring along."""
    for _, service in _maps(data.get("services")):
        for name, variable in _maps(service.get("environment")):
            secret = variable.get("secret")
            if secret is True and variable.get("deliver") != "env":
                yield name.lower()
            elif isinstance(secret, str):
                yield secret


def _preset_secrets(data: dict[str, Data]) -> Iterator[str]:
    """The secrets that presets bring along; of a file's, nothing is known here, and any may be."""
    for name, service in _maps(data.get("services")):
        written = service.get("preset")
        preset = presets.find(written) if isinstance(written, str) and not presets.is_file(written) else None
        if preset is not None:
            yield from preset.secrets_for(name)


def _service(names: Names, route: Route, service: dict[str, Data]) -> Iterator[Problem]:
    for place, name in _other_services(service):
        yield from _known("service", (*route, *place), name, names["services"])
    for section in _SECTIONS:
        for place, name in _entries(service.get(section)):
            if section in names and (section, name) != ("networks", "default"):
                yield from _known(section[:-1], (*route, section, *place), name, names[section])
    for place, name in _volumes(service.get("volumes")):
        if "volumes" in names:
            yield from _known("volume", (*route, "volumes", *place), name, names["volumes"])
    build = service.get("build")
    if "secrets" in names and isinstance(build, dict) and service.get("uses") is None:
        for place, name in _entries(build.get("secrets")):
            yield from _known("secret", (*route, "build", "secrets", *place), name, names["secrets"])


def _other_services(service: dict[str, Data]) -> Iterator[tuple[Route, str]]:
    """The services that a service names, each with its place."""
    for key in ("depends_on", "links", "volumes_from"):
        for place, name in _entries(service.get(key)):
            if not name.startswith("container:"):
                yield (key, *place), name.split(":")[0]
    for key in ("network_mode", "pid", "ipc"):
        value = service.get(key)
        if isinstance(value, str) and value.startswith("service:"):
            yield (key,), value.removeprefix("service:")
    extends = service.get("extends")
    if isinstance(extends, str):
        yield ("extends",), extends
    elif isinstance(extends, dict) and "file" not in extends and isinstance(extends.get("service"), str):
        yield ("extends", "service"), str(extends["service"])


def _known(kind: str, route: Route, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name in known or has_interpolation(name):
        return
    message = f"there is no {kind} `{name}`"
    near = suggest.closest(name, known)
    hint = f"did you mean `{near}`?" if near else f"add it to the top-level `{kind}s:`"
    if kind == "volume" and ("/" in name or "\\" in name):
        hint = f"write ./{name} for a folder beside the spec"
    if kind == "service":
        hint = suggest.hint(name, known) or "services are named under `services:`"
    at_key = route[-1] == name  # in the map form
    yield Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=message, hint=hint, at_key=at_key)


def _entries(value: Data) -> Iterator[tuple[Route, str]]:
    """The names in a list (of names, or of maps with a source) or in the keys of a map, each with its place."""
    if isinstance(value, dict):
        yield from (((name,), name) for name in value)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str) and item != KEEP:
                yield (index,), item
            elif isinstance(item, dict) and isinstance(item.get("source"), str):
                yield (index, "source"), str(item["source"])


def _volumes(value: Data) -> Iterator[tuple[Route, str]]:
    """The named volumes that a service mounts, each with its place."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str) and ":" in item:
            source = item.split(":")[0]
            if source and not _PATH.match(source):
                yield (index,), source
        elif isinstance(item, dict) and item.get("type") == "volume":
            named = item.get("source")
            if isinstance(named, str):
                yield (index, "source"), named
            elif isinstance(named, dict):
                yield from (((index, "source", key), name) for key, name in named.items() if isinstance(name, str))


def _uses(route: Route, uses: Data, named: Collection[str]) -> Iterator[Problem]:
    entries = uses if isinstance(uses, list) else [uses]
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place = (*route, "uses", index) if isinstance(uses, list) else (*route, "uses")
        variant = variant_name(entry)
        if variant in seen:
            message = f"the variant `{variant}` is there twice"
            yield Problem(code=codes.MATRIX, route=place, message=message, hint="leave out one of them")
            continue
        seen.add(variant)
        if isinstance(entry, dict):
            yield from _runtime(place, entry)
        elif isinstance(entry, str) and entry not in named:
            inline = inline_runtime(entry)
            if inline is not None:
                yield from _runtime(place, {"language": inline[0], "version": inline[1]})
            else:
                hint = suggest.hint(entry, named) or "name one under `runtimes:`, or write it like `node@16`"
                message = f"there is no runtime `{entry}`"
                yield Problem(code=codes.UNKNOWN_REFERENCE, route=place, message=message, hint=hint)


def _runtime(route: Route, runtime: Mapping[str, Data]) -> Iterator[Problem]:
    name, version, variant = runtime.get("language"), runtime.get("version"), runtime.get("variant")
    if not isinstance(name, str):
        return
    language = runtimes.find(name)
    if language is None:
        hint = suggest.hint(name, runtimes.names())
        message = f"there is no language `{name}`"
        yield Problem(code=codes.RUNTIME, route=(*route, "language"), message=message, hint=hint)
        return
    if language.any_image:
        yield from _any_image(route, runtime, name)
        return
    if version is None and not language.default_version:
        message = f"`version` is missing, and {language.title} has many"
        hint = f"there are {', '.join(language.releases)}"
        yield Problem(code=codes.MISSING_KEY, route=route, message=message, hint=hint, at_key=True)
    if isinstance(version, bool) or not isinstance(version, str | int) or not _VERSION.match(str(version)):
        return
    release = language.release(str(version))
    if release is None:
        hint = f"there are {', '.join(language.releases)}"
        message = f"there is no {name} {version} that envgen knows an image of"
        yield Problem(code=codes.RUNTIME, route=(*route, "version"), message=message, hint=hint)
    elif isinstance(variant, str) and variant not in release.variants:
        near = suggest.closest(variant, release.variants) or release.default_variant
        message = f"there never was an image {language.image_reference(str(version), variant)}"
        hint = f"{name} {release.major} has {', '.join(dict.fromkeys((near, release.default_variant)))}"
        yield Problem(code=codes.RUNTIME, route=(*route, "variant"), message=message, hint=hint)


def _any_image(route: Route, runtime: Mapping[str, Data], name: str) -> Iterator[Problem]:
    """Of a language that is whatever an image has: the image is there, and nothing that it says already."""
    if runtime.get("image") is None:
        message = f"`{name}` needs an image to start from"
        hint = f"write {{language: {name}, image: elixir:1.18-slim}}"
        yield Problem(code=codes.MISSING_KEY, route=route, message=message, hint=hint, at_key=True)
    for key in ("version", "variant"):
        if runtime.get(key) is not None:
            message = f"`{name}` has no {key}: the image's tag says it"
            yield Problem(code=codes.RUNTIME, route=(*route, key), message=message, hint="leave it out")


def _preset(route: Route, service: Mapping[str, Data]) -> Iterator[Problem]:
    name = service.get("preset")
    if isinstance(name, str) and presets.is_file(name):
        if name.startswith("/"):
            message = f"`{name}` is on this machine only"
            hint = "write a path relative to the spec: ./presets/queue.yaml"
            yield Problem(code=codes.INVALID_VALUE, route=(*route, "preset"), message=message, hint=hint)
    elif isinstance(name, str) and name not in presets.names():
        message = f"there is no preset `{name}`"
        hint = suggest.hint(name, presets.names()) or "`envgen presets` lists them"
        if name.endswith((".yaml", ".yml")):
            hint = f"a file of your own has a slash: ./{name}"
        yield Problem(code=codes.UNKNOWN_REFERENCE, route=(*route, "preset"), message=message, hint=hint)


def _maps(value: Data) -> list[tuple[str, dict[str, Data]]]:
    found = value.items() if isinstance(value, dict) else ()
    return [(name, entry) for name, entry in found if isinstance(entry, dict)]


def _is_map(data: Mapping[str, Data], section: str) -> bool:
    """Whether a section is what it should be; names in one that is reported are not."""
    return isinstance(data.get(section), dict | None)


def _names(data: Mapping[str, Data], section: str) -> set[str]:
    value = data.get(section)
    return set(value) if isinstance(value, dict) else set()
