"""The ports that a service's container listens on, as far as anything says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envgen.lint.composefile import Port, Service
from envgen.lint.composefile.short_forms import listed, text_of
from envgen.lint.project import Project
from envgen.lint.rules.project._built import Image
from envgen.lint.rules.project._official import official

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_LARGEST = 65_535
_LONGEST_RANGE = 5_000


@dataclass(frozen=True, slots=True)
class Published:
    """An entry of `ports` with its numbers as ranges; `host` is empty where the engine chooses the port."""

    port: Port
    host: range
    container: range


def numbers(text: str | None) -> range:
    """The ports that `8000` or `8000-8010` (with or without `/tcp`) names; none where it is no such text."""
    found = _RANGE.fullmatch((text or "").partition("/")[0].strip())
    if found is None:
        return range(0)
    first, last = int(found[1]), int(found[2] or found[1])
    return range(first, min(last, first + _LONGEST_RANGE, _LARGEST) + 1)


def published(service: Service) -> Iterator[Published]:
    """The entries of `ports` whose container port is known."""
    for port in service.ports:
        container = numbers(port.target)
        if container:
            yield Published(port, numbers(port.published), container)


def declared(service: Service) -> set[int]:
    """The container ports that the compose file itself names: those of `ports` and `expose`."""
    found = {number for one in published(service) for number in one.container}
    for item in listed(service.data.get("expose")):
        found.update(numbers(text_of(item)))
    return found


def built_in(image: Image) -> set[int]:
    """The container ports that the image names: EXPOSE, and those of a well-known image at its root."""
    found = {number for text, _ in image.exposed for number in numbers(text)}
    facts = official(image.root)
    return found | facts.ports if facts else found


def mentions(number: int, *texts: str | None) -> bool:
    """Whether a number stands in one of the texts, not as a part of a longer one."""
    pattern = re.compile(rf"(?<![\d.]){number}(?![\d.])")
    return any(text and pattern.search(text) for text in texts)


def may_be_configured(number: int, project: Project, service: Service) -> bool:
    """Whether a file that is mounted into a service names a port, or can't be looked into."""
    source, _ = service.compose.origin(("services", service.name))
    for mount in service.mounts:
        if mount.type != "bind":
            continue
        path = project.tree.beside(source.path, mount.source)
        if project.tree.is_folder(path):
            continue
        text = None if "$" in mount.source else project.tree.text(path)
        if not text or mentions(number, text):
            return True
    return service.data.get("configs") is not None
