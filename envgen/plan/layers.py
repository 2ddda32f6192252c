"""What a service is made of: envgen's own choices < its preset < `defaults` < what is written, in that order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from envgen import provenance
from envgen.merging import at, lay, long_form
from envgen.plan.hardening import choices, level
from envgen.plan.model import Hardening
from envgen.runtimes import Language
from envgen.source import Data
from envgen.spec.model import Spec

BUILT_IN = "built-in"
Layer = Mapping[str, Data]
_LIMITS = ("deploy", "resources", "limits")
# Grafana's variables have two underscores
_IN_A_FILE = re.compile(r"_{1,2}FILE$")
_MOVED = {"mem_limit": "memory", "pids_limit": "pids", "cpus": "cpus"}


@dataclass(frozen=True, slots=True)
class Layered:
    """A service's complete data, how far it was hardened, and what it was merged from, the lowest first."""

    data: dict[str, Data]
    hardening: Hardening
    layers: tuple[provenance.Layer, ...]


def layered(spec: Spec, group: str, preset: Layer, language: Language | None, *, preset_name: str | None) -> Layered:
    """A service with all that it starts from; `preset` is the preset's service ({} without one)."""
    written = spec.written(group)
    defaults = spec.layers("defaults")
    if not {"uses", "build"} & written.keys():
        # what builds have in common is no reason to build where an image is named
        defaults = tuple(provenance.without(layer, "build") for layer in defaults)
    if written.get("build") is not None:
        # else compose would give what it builds the official image's name
        preset = {key: value for key, value in preset.items() if key != "image"}
    own = (*defaults, *spec.layers("services", group))
    preset = _without_other_spellings(preset, [_map(layer.data) for layer in own])
    brought = provenance.Layer(data=dict(preset), name=f"preset {preset_name}")
    layers = (*((brought,) if preset_name else ()), *own)
    maps = [_map(layer.data) for layer in layers]
    merged: dict[str, Data] = reduce(lay, maps, {})
    hardening = level(merged, is_preset=preset_name is not None)
    chosen: dict[str, Data] = {}
    if hardening is not Hardening.NONE:
        chosen = choices(hardening, merged, language, is_preset=preset_name is not None)
        merged = _limits_in_one_place(reduce(lay, maps, chosen))
        # a null that had nothing to remove
        merged = {key: value for key, value in merged.items() if value is not None}
    return Layered(merged, hardening, (provenance.Layer(data=chosen, name=BUILT_IN), *layers))


def _map(data: Data) -> Layer:
    return data if isinstance(data, dict) else {}


def _limits_in_one_place(service: dict[str, Data]) -> dict[str, Data]:
    """Limits below `deploy` where it has some: compose takes one that is missing there for another value."""
    limits = at(service, _LIMITS)
    if not isinstance(limits, dict):
        return service
    moved: dict[str, Data] = {}
    for key, name in _MOVED.items():
        if key in service and name not in limits:
            moved[name] = str(service[key]) if key == "mem_limit" else service[key]
    rest: dict[str, Data] = {key: value for key, value in service.items() if _MOVED.get(key) not in moved}
    return lay(rest, {"deploy": {"resources": {"limits": moved}}}) if moved else service


def _without_other_spellings(preset: Layer, layers: Sequence[Layer]) -> Layer:
    """A preset without `NAME_FILE` where a layer over it sets `NAME`, and the other way round: images take one."""
    own = preset.get("environment")
    if not isinstance(own, dict):
        return preset
    written: set[str] = set()
    for layer in layers:
        environment = long_form("environment", layer.get("environment"))
        written |= environment.keys() if isinstance(environment, dict) else set()
    kept = {
        name: value
        for name, value in own.items()
        if not {f"{name}_FILE", f"{name}__FILE", _IN_A_FILE.sub("", name)} & (written - {name})
    }
    return {**preset, "environment": kept}
