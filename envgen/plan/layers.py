"""What a service is made of: envgen's own choices < its preset < `defaults` < what is written, in that order."""

from collections.abc import Mapping, Sequence
from functools import reduce

from envgen.merging import KEEP, merge
from envgen.plan.hardening import choices, level
from envgen.plan.model import Hardening
from envgen.runtimes import Language
from envgen.source import Data

Layer = Mapping[str, Data]

# a key, and those below it that it leaves no room for: compose refuses both, or would heed the wrong one
_REPLACES = {
    "network_mode": ("networks",),
    "networks": ("network_mode",),
    "mem_limit": ("deploy.resources.limits.memory",),
    "pids_limit": ("deploy.resources.limits.pids",),
    "cpus": ("deploy.resources.limits.cpus",),
    "deploy.resources.limits.memory": ("mem_limit",),
    "deploy.resources.limits.pids": ("pids_limit",),
    "deploy.resources.limits.cpus": ("cpus",),
    "healthcheck.http": ("healthcheck.test", "healthcheck.disable"),
    "healthcheck.test": ("healthcheck.http", "healthcheck.port", "healthcheck.disable"),
    "healthcheck.disable": ("healthcheck.test", "healthcheck.http", "healthcheck.port"),
}
_LIMITS = ("deploy", "resources", "limits")
_MOVED = {"mem_limit": "memory", "pids_limit": "pids", "cpus": "cpus"}
_REPLACED_PATHS = [(path.split("."), [name.split(".") for name in names]) for path, names in _REPLACES.items()]


def layered(
    written: Layer, defaults: Layer, preset: Layer, language: Language | None, *, is_preset: bool
) -> tuple[dict[str, Data], Hardening]:
    """A service's complete data, and how far it was hardened.

    `written` is the service in the spec, `defaults` the spec's, `preset` the preset's service ({} without one).
    """
    if not {"uses", "build"} & written.keys():
        # what builds have in common is no reason to build where an image is named
        defaults = {key: value for key, value in defaults.items() if key != "build"}
    if written.get("build") is not None:
        # else compose would give what it builds the official image's name
        preset = {key: value for key, value in preset.items() if key != "image"}
    preset = _without_other_spellings(preset, (defaults, written))
    layers = (preset, defaults, written)
    merged: dict[str, Data] = reduce(lay, layers, {})
    hardening = level(merged, is_preset=is_preset)
    if hardening is not Hardening.NONE:
        merged = _limits_in_one_place(reduce(lay, layers, choices(hardening, merged, language, is_preset=is_preset)))
        # a null that had nothing to remove
        merged = {key: value for key, value in merged.items() if value is not None}
    return merged, hardening


def _limits_in_one_place(service: dict[str, Data]) -> dict[str, Data]:
    """Limits below `deploy` where it has some: compose takes one that is missing there for another value."""
    limits = _at(service, _LIMITS)
    if not isinstance(limits, dict):
        return service
    moved: dict[str, Data] = {}
    for key, name in _MOVED.items():
        if key in service and name not in limits:
            moved[name] = str(service[key]) if key == "mem_limit" else service[key]
    rest: dict[str, Data] = {key: value for key, value in service.items() if _MOVED.get(key) not in moved}
    return lay(rest, {"deploy": {"resources": {"limits": moved}}}) if moved else service


def lay(lower: Layer, upper: Layer) -> dict[str, Data]:
    """A layer over what lies below: what it leaves no room for is gone, the rest is merged."""
    lower, upper = dict(lower), dict(upper)
    for key in _SHORT_FORMS & lower.keys() & upper.keys():
        if isinstance(lower[key], dict) != isinstance(upper[key], dict):
            lower[key], upper[key] = _long_form(key, lower[key]), _long_form(key, upper[key])
    for path, replaced in _REPLACED_PATHS:
        if lower and path[0] in upper and _at(upper, path) not in (None, False):
            for other in replaced:
                lower = _without(lower, other)
    mounted = _mount_points(upper.get("volumes"))
    tmpfs = lower.get("tmpfs")
    if mounted and isinstance(tmpfs, list):  # two mounts at one place are none
        kept = [entry for entry in tmpfs if str(entry).partition(":")[0] not in mounted]
        lower = {**lower, "tmpfs": kept} if kept else _without(lower, ["tmpfs"])
    merged = merge(lower, upper)
    return merged if isinstance(merged, dict) else {}


_SHORT_FORMS = frozenset({"build", "environment", "labels"})


def _long_form(key: str, value: Data) -> Data:
    """The map that a short form stands for, so that the two can be merged."""
    if key == "build" and isinstance(value, str):
        return {"context": value}
    if key != "build" and isinstance(value, list):
        return dict(_pair(str(entry), "" if key == "labels" else None) for entry in value if entry != KEEP)
    return value


def _pair(entry: str, without_value: str | None) -> tuple[str, Data]:
    name, equals, value = entry.partition("=")
    return name, value if equals else without_value


def _without_other_spellings(preset: Layer, layers: Sequence[Layer]) -> Layer:
    """A preset without `NAME_FILE` where a layer over it sets `NAME`, and the other way round: images take one."""
    own = preset.get("environment")
    if not isinstance(own, dict):
        return preset
    written: set[str] = set()
    for layer in layers:
        environment = _long_form("environment", layer.get("environment"))
        written |= environment.keys() if isinstance(environment, dict) else set()
    kept = {
        name: value
        for name, value in own.items()
        if f"{name}_FILE" not in written and not (name.endswith("_FILE") and name.removesuffix("_FILE") in written)
    }
    return {**preset, "environment": kept}


def _mount_points(volumes: Data) -> frozenset[str]:
    found: set[str] = set()
    for volume in volumes if isinstance(volumes, list) else ():
        target = volume.get("target") if isinstance(volume, dict) else str(volume).split(":")[:2][-1]
        found.add(str(target))
    return frozenset(found)


def _at(layer: Layer, path: Sequence[str]) -> Data:
    head, *rest = path
    node = layer.get(head)
    for key in rest:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _without(layer: Mapping[str, Data], path: Sequence[str]) -> dict[str, Data]:
    key, *rest = path
    below = layer.get(key)
    if not rest:
        return {name: value for name, value in layer.items() if name != key}
    return {**layer, key: _without(below, rest)} if isinstance(below, dict) else dict(layer)
