"""Entries of `ports` and `volumes`: what is known of them without knowing what compose fills in."""

import re
from dataclasses import dataclass

from envgen.source import Data

_INTERPOLATION = re.compile(r"\$(?:\w+|\{(?:[^{}]|\{[^{}]*\})*\})")
_VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_FILLED_IN = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortEntry:
    """A published port, in text; "" where nothing is written, None where compose fills in a part of it."""

    host_ip: str | None
    published: str | None
    target: str | None
    protocol: str | None


@dataclass(frozen=True, slots=True)
class WritableVolume:
    """A volume that is mounted for writing: its name (None: anonymous, or compose fills it in) and where."""

    name: str | None
    target: str


def port_entry(entry: Data) -> PortEntry:
    """An entry of `ports` or `expose`, in any of compose's forms."""
    if isinstance(entry, dict):
        keys = ("host_ip", "published", "target", "protocol")
        host_ip, published, target, protocol = ("" if entry.get(key) is None else str(entry[key]) for key in keys)
    else:
        address, _, protocol = _INTERPOLATION.sub(_FILLED_IN, str(entry)).partition("/")
        host_ip, published, target = ["", "", *address.rsplit(":", 2)][-3:]
    return PortEntry(
        host_ip=_known(host_ip.strip("[]")),
        published=_known(published),
        target=_known(target),
        protocol=_known(protocol.lower() or "tcp"),
    )


def writable_volume(volume: Data) -> WritableVolume | None:
    """What an entry of `volumes` mounts for writing; None for bind mounts, read-only ones and the like."""
    if isinstance(volume, dict):
        source, target = volume.get("source"), volume.get("target")
        if volume.get("type") != "volume" or volume.get("read_only") or not _is_path(target):
            return None
        return WritableVolume(_known(source) if isinstance(source, str) else None, str(target))
    if not isinstance(volume, str):
        return None
    source, *rest = _INTERPOLATION.sub(_FILLED_IN, volume).split(":")
    if not rest:
        return WritableVolume(None, source) if _is_path(source) else None
    options = rest[1].split(",") if rest[1:] else ()
    # what is filled in may be a volume's name; where it is a path after all, a folder in the image does no harm
    is_volume = source.startswith(_FILLED_IN) or _VOLUME_NAME.fullmatch(source)
    if not is_volume or "ro" in options or not _is_path(rest[0]):
        return None
    return WritableVolume(_known(source), rest[0])


def _known(text: str) -> str | None:
    return None if _FILLED_IN in text else text


def _is_path(target: Data) -> bool:
    return isinstance(target, str) and target.startswith("/") and _FILLED_IN not in target and target.isprintable()
