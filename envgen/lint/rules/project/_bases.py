"""What well-known images have and lack; the facts are in base_images.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_PREFIXES = ("docker.io/library/", "docker.io/", "library/", "index.docker.io/library/", "mirror.gcr.io/library/")


@dataclass(frozen=True, slots=True)
class Base:
    """An image: its name and tag, the programs it surely lacks, and its users (None where these aren't known)."""

    name: str
    tag: str
    lacks: frozenset[str]
    users: frozenset[str] | None


@cache
def base(image: str) -> Base | None:
    """What is known of an image, or None where nothing is."""
    text = image.partition("@")[0]
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    name, colon, tag = text.rpartition(":") if ":" in text.rpartition("/")[2] else (text, "", "")
    if not colon and "@" in image:
        return None
    families, entries = _facts()
    for entry in entries.get(name, ()):
        if re.fullmatch(entry["tag"], tag):
            family = entry.get("family")
            users = frozenset([*families.get(family, ()), *entry.get("users", ())]) if family else None
            return Base(name, tag, frozenset(entry["lacks"]), users)
    return None


@cache
def _facts() -> tuple[Mapping[str, list[str]], Mapping[str, list[dict[str, str]]]]:
    data = tomllib.loads((files(__package__) / "base_images.toml").read_text(encoding="utf-8"))
    entries: dict[str, list[dict[str, str]]] = {}
    for entry in data["image"]:
        for name in entry["names"]:
            entries.setdefault(name, []).append(entry)
    return data["families"], entries
