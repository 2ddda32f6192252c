"""When the maintenance of what an image's tag names ended; the facts are in eol_images.toml and the runtimes' files."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from envgen import runtimes
from envgen.lint.rules.project._images import Reference

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?![a-z0-9]*\.)(?=$|[-_+u.])")
_ON_JAVA = frozenset({"maven", "gradle", "tomcat", "clojure", "groovy"})  # some of their tags are built on openjdk
_ALPINE = re.compile(r"alpine(\d+\.\d+)")
_NUMBERED = re.compile(r"(ubuntu|debian|fedora|centos|ubi)[-_]?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Ended:
    """A release line (`Node.js 14`), its last day, and the newest line that is maintained ("" where it isn't known)."""

    title: str
    last_day: date
    page: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """An image that gets no updates any more: since when, and what to take instead."""

    since: str
    instead: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Product:
    title: str
    page: str
    cycles: Mapping[str, date]
    newest: frozenset[str] = frozenset()
    codenames: Mapping[str, str] = field(default_factory=dict)

    def ended(self, version: str, today: date) -> Ended | None:
        """The release line that a version belongs to, where all it may stand for has ended."""
        parts = version.split(".")
        for length in range(len(parts), 0, -1):
            line = ".".join(parts[:length])
            if line in self.newest:
                return None
            if last := self.cycles.get(line):
                return Ended(f"{self.title} {line}", last, self.page) if last < today else None
        inside = f"{version}."
        if any(line.startswith(inside) for line in self.newest):
            return None
        days = [day for line, day in self.cycles.items() if line.startswith(inside)]
        last = max(days, default=today)
        return Ended(f"{self.title} {version}", last, self.page) if last < today else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    is_folder: bool
    only_versions: bool
    still_made: frozenset[str]
    what: Abandoned


@dataclass(frozen=True, slots=True)
class _Facts:
    products: Mapping[str, _Product]
    abandoned: Mapping[str, _Leaving]


@cache
def _facts() -> _Facts:
    text = files(__package__).joinpath("eol_images.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    products: dict[str, _Product] = {}
    for entry in data["products"]:
        product = _Product(
            title=entry["title"],
            page=entry["page"],
            cycles={**entry["cycles"], **_runtime(entry["images"][0])},
            newest=frozenset(entry.get("newest", ())),
            codenames=entry.get("codenames", {}),
        )
        products |= dict.fromkeys(entry["images"], product)
    abandoned: dict[str, _Leaving] = {}
    for entry in data["abandoned"]:
        leaving = _Leaving(
            is_folder=entry.get("prefix", False),
            only_versions=entry.get("versions", False),
            still_made=frozenset(entry.get("but", ())),
            what=Abandoned(entry["since"], entry["instead"], entry["page"]),
        )
        abandoned |= dict.fromkeys(entry["images"], leaving)
    return _Facts(products, abandoned)


def _runtime(image: str) -> dict[str, date]:
    """The release lines that envgen's own runtimes know."""
    known = runtimes.find(image)
    lines = known.releases.items() if known else ()
    return {major: release.end_of_life for major, release in lines if release.end_of_life is not None}


def ended(image: Reference, today: date) -> Ended | None:
    """What in an image has been past its end of life; None where it is maintained or not known."""
    product = _facts().products.get(image.name)
    if product is None:
        return None
    words = (image.tag or "latest").split("-")
    if line := product.codenames.get(words[0]):
        return product.ended(line, today)
    version = _VERSION.match(image.tag)
    return product.ended(version[1], today) if version else None


def abandoned(image: Reference) -> Abandoned | None:
    """Whether nobody makes an image any more."""
    facts = _facts().abandoned
    if image.name in _ON_JAVA and "openjdk" in image.tag.split("-"):
        return facts["openjdk"].what
    leaving = facts.get(image.name)
    if leaving is None:
        folder = facts.get(image.name.partition("/")[0])
        if folder is None or not folder.is_folder:
            return None
        leaving = folder
    if leaving.only_versions and not image.tag[:1].isdecimal():
        return None
    if leaving.still_made.intersection(re.split(r"[-.]", image.tag)):
        return None
    return leaving.what


def system_ended(image: Reference, today: date) -> Ended | None:
    """The distribution that a tag names beside its version (`python:3.13-buster`), where that has ended."""
    products = _facts().products
    for word in image.tag.lower().split("-"):
        if found := _ALPINE.fullmatch(word):
            return products["alpine"].ended(found[1], today)
        for name in ("debian", "ubuntu"):
            if line := products[name].codenames.get(word):
                return products[name].ended(line, today)
        if (found := _NUMBERED.fullmatch(word)) and (product := products.get(found[1])):
            return product.ended(found[2], today)
    return None
