"""What well-known images do when they are started as they are; the facts are in official_images.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from envgen.lint.rules.project._images import Reference

_MAJOR = re.compile(r"(?:^|(?<=pg))(\d+)")
_NEWEST = {"", "latest", "alpine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """An image's facts; what the fields mean stands in the data file. None of these images has a HEALTHCHECK."""

    name: str
    ports: frozenset[int]
    is_store: bool
    schemes: frozenset[str]
    variables: frozenset[str]
    data: str
    data_since: tuple[int, str] | None
    data_setting: str
    names: frozenset[str]
    requires: tuple[tuple[str, ...], ...]
    requires_lines: frozenset[str]
    requires_since: int
    ports_since: tuple[int, frozenset[int]] | None
    serving: tuple[str, ...]
    configured_by: tuple[str, ...]

    def data_path(self, image: Reference) -> str:
        """Where an image keeps its data; "" where it keeps none, or it can't be told from its tag."""
        if self.data_since is None:
            return self.data
        since, path = self.data_since
        if found := _MAJOR.search(image.tag):
            return path if int(found[1]) >= since else self.data
        return path if image.name == self.name and image.tag in _NEWEST else ""

    def ports_of(self, image: Reference) -> frozenset[int]:
        """The ports that an image of this tag listens on; those of all its tags where it can't be told."""
        if self.serving and not any(word in image.tag for word in self.serving):
            return frozenset()
        found = _MAJOR.search(image.tag)
        if self.ports_since and found and int(found[1]) >= self.ports_since[0]:
            return self.ports_since[1]
        return self.ports

    def is_demanding(self, image: Reference) -> bool:
        """Whether an image of this tag stops without the variables that it requires."""
        found = _MAJOR.search(image.tag)
        line = image.tag.partition("-")[0]
        return found is None or int(found[1]) >= self.requires_since or line in self.requires_lines


@cache
def _all() -> Mapping[str, Official]:
    data = tomllib.loads(files(__package__).joinpath("official_images.toml").read_text(encoding="utf-8"))
    found: dict[str, Official] = {}
    for name, facts in data.items():
        found |= dict.fromkeys((name, *facts.get("same", ())), _official(name, facts))
    return found


def _official(name: str, facts: Mapping[str, Any]) -> Official:
    since, ports = facts.get("data_since"), facts.get("ports_since")
    return Official(
        name=name,
        ports=frozenset(facts["ports"]),
        is_store=facts.get("store", False),
        schemes=frozenset(facts.get("schemes", ())),
        variables=frozenset(facts.get("variables", ())),
        data=facts.get("data", ""),
        data_since=(since["major"], since["path"]) if since else None,
        data_setting=facts.get("data_setting", ""),
        names=frozenset(facts.get("names", ())),
        requires=tuple(tuple(group) for group in facts.get("requires", ())),
        requires_lines=frozenset(facts.get("requires_lines", ())),
        requires_since=facts.get("requires_since", 0),
        ports_since=(ports["major"], frozenset(ports["ports"])) if ports else None,
        serving=tuple(facts.get("serving", ())),
        configured_by=tuple(facts.get("configured_by", ())),
    )


def official(image: Reference | None) -> Official | None:
    """The facts about an image, None where it isn't one of those that are known."""
    return _all().get(image.name) if image else None
