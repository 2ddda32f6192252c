"""The one merge rule: maps deep, scalars and lists replace, null removes, `"..."` in a list keeps the inherited."""

import re
from collections.abc import Mapping, Sequence

from envgen.source import Data

KEEP = "..."
Layer = Mapping[str, Data]
# lists of words that a program gets: where nothing is inherited, the dots are a word like any other
_WORD_LISTS = frozenset({"command", "entrypoint", "test"})
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9_./:@%+=, -]+")  # without quotes, variables, and what a shell would heed

# a key of a service, and those below it that it leaves no room for: compose refuses both, or would heed the wrong one
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
_REPLACED_PATHS = [(path.split("."), [name.split(".") for name in names]) for path, names in _REPLACES.items()]
_SHORT_FORMS = frozenset({"build", "environment", "labels"})


def merge(inherited: Data, written: Data) -> Data:
    """`written` laid over `inherited`; neither is changed.

    A null removes an inherited key; where nothing is inherited it stays, for compose gives it a meaning (a variable
    passed through from the shell, a volume with default settings).
    """
    return _merge(inherited, written, "")


def lay(lower: Layer, upper: Layer) -> dict[str, Data]:
    """A service's layer over what lies below: what it leaves no room for is gone, the rest is merged."""
    lower, upper = dict(lower), dict(upper)
    for key in _SHORT_FORMS & lower.keys() & upper.keys():
        if isinstance(lower[key], dict) != isinstance(upper[key], dict):
            lower[key], upper[key] = long_form(key, lower[key]), long_form(key, upper[key])
    for path, replaced in _REPLACED_PATHS:
        if lower and path[0] in upper and at(upper, path) not in (None, False):
            for other in replaced:
                if at(upper, other) is None and at(lower, other) is not None:
                    upper = _without(upper, other)  # a null that says the same
                lower = _without(lower, other)
    mounted = _mount_points(upper.get("volumes"))
    tmpfs = lower.get("tmpfs")
    if mounted and isinstance(tmpfs, list):  # two mounts at one place are none
        kept = [entry for entry in tmpfs if str(entry).partition(":")[0] not in mounted]
        lower = {**lower, "tmpfs": kept} if kept else _without(lower, ["tmpfs"])
    merged = merge(lower, upper)
    return merged if isinstance(merged, dict) else {}


def merge_specs(lower: Layer, upper: Layer) -> dict[str, Data]:
    """A spec, or an environment's part of one, over what lies below; services and `defaults` as `lay` does."""
    merged = dict(lower)
    for key, value in upper.items():
        below = lower.get(key)
        if value is None and key in lower:
            del merged[key]
        elif key == "services" and isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merge_services(below, value)
        elif key == "defaults" and isinstance(value, dict) and isinstance(below, dict):
            merged[key] = lay(below, value)
        elif below is None:
            merged[key] = value
        else:
            merged[key] = merge(below, value)
    return merged


def long_form(key: str, value: Data) -> Data:
    """The map that a short form of `build`, `environment` or `labels` stands for, so that two can be merged."""
    if key == "build" and isinstance(value, str):
        return {"context": value}
    if key != "build" and isinstance(value, list):
        return dict(_pair(str(entry), "" if key == "labels" else None) for entry in value if entry != KEEP)
    return value


def at(layer: Layer, path: Sequence[str]) -> Data:
    """What is at a path of keys, None where nothing is."""
    head, *rest = path
    node = layer.get(head)
    for key in rest:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _merge(inherited: Data, written: Data, key: str) -> Data:
    if isinstance(written, dict):
        below = inherited if isinstance(inherited, dict) else {}
        merged = dict(below)
        for name, value in written.items():
            if value is None and name in below:
                del merged[name]
            else:
                merged[name] = _merge(below.get(name), value, name)
        return merged
    if isinstance(written, list) and KEEP in written:
        entries = _entries(inherited, key)
        if entries is None and key in _WORD_LISTS:
            return written
        return _kept(entries or [], written, are_words=key in _WORD_LISTS)
    return written


def _merge_services(lower: Layer, upper: Layer) -> dict[str, Data]:
    merged = dict(lower)
    for name, service in upper.items():
        below = lower.get(name)
        if service is None and name in lower:
            del merged[name]
        else:
            both = isinstance(service, dict) and isinstance(below, dict)
            merged[name] = lay(below, service) if both else service  # type: ignore[arg-type]
    return merged


def _entries(inherited: Data, key: str) -> list[Data] | None:
    """The list that is inherited: a text alone is one with a single entry, or a command line in words."""
    if isinstance(inherited, str):
        return _words(inherited, key) if key in _WORD_LISTS else [inherited]
    return inherited if isinstance(inherited, list) else None


def _words(text: str, key: str) -> list[Data] | None:
    """A command as the list that compose makes of it; None where that is known only when compose runs."""
    if key == "test":
        return ["CMD-SHELL", text]
    if not _PLAIN_WORDS.fullmatch(text):
        return None
    return [*text.split()]


def _kept(inherited: list[Data], written: list[Data], *, are_words: bool) -> list[Data]:
    """The written list with the inherited entries in place of the dots.

    An entry of both stands where it is written; but the words of a command may well come twice.
    """
    position = written.index(KEEP)
    before = [item for item in written[:position] if item != KEEP]
    after = [item for item in written[position + 1 :] if item != KEEP]
    if not are_words:
        inherited = [item for item in inherited if item not in before and item not in after]
    return [*before, *inherited, *after]


def _pair(entry: str, without_value: str | None) -> tuple[str, Data]:
    name, equals, value = entry.partition("=")
    return name, value if equals else without_value


def _mount_points(volumes: Data) -> frozenset[str]:
    found: set[str] = set()
    for volume in volumes if isinstance(volumes, list) else ():
        target = volume.get("target") if isinstance(volume, dict) else str(volume).split(":")[:2][-1]
        found.add(str(target))
    return frozenset(found)


def _without(layer: Mapping[str, Data], path: Sequence[str]) -> dict[str, Data]:
    key, *rest = path
    below = layer.get(key)
    if not rest:
        return {name: value for name, value in layer.items() if name != key}
    return {**layer, key: _without(below, rest)} if isinstance(below, dict) else dict(layer)
