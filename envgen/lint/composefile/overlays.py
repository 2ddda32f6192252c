"""Which compose files are projects of their own, and which are laid over others."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from envgen.finding import EnvgenError
from envgen.lint.composefile.files import Reader
from envgen.lint.composefile.load import load
from envgen.lint.composefile.model import Compose
from envgen.lint.tree import Tree
from envgen.source import Data, Source

# compose takes the first that is there (compose-go, cli/options.go: DefaultFileNames, DefaultOverrideFileNames)
_DEFAULT = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDE = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)
_RUNNABLE = ("image", "build", "extends", "provider")
_MOST_CANDIDATES = 12


def projects(sources: Sequence[Source], tree: Tree) -> tuple[Compose, ...]:
    """The compose projects that files make up.

    compose.override.yaml is part of the project of the file beside it. A file that lacks what a neighbour has (a
    service's image, a network) is an overlay on that one, and one that another `include`s is a part of that one's
    project. Any other file is a project of its own.
    """
    reader = Reader(tree)
    for source in sources:
        reader.hold(source)
    given = {source.path for source in sources}
    found: list[Compose] = []
    for source in sources:
        folder, name = posixpath.split(source.path)
        if name in _DEFAULT and _first(folder, _DEFAULT, tree) == source.path:
            override = _read(_first(folder, _OVERRIDE, tree), reader)
            found.append(load(source, tree, overrides=(override,) if override else (), reader=reader))
        elif name in _OVERRIDE:
            base = _first(folder, _DEFAULT, tree)
            if base not in given or _first(folder, _OVERRIDE, tree) != source.path:
                found.append(load(source, tree, base=_read(base, reader), reader=reader))
        else:
            found.append(load(source, tree, base=_base(source, reader), reader=reader))
    return tuple(_in_their_projects(found))


def without_overrides(composes: Sequence[Compose], tree: Tree) -> Iterator[Compose]:
    """The projects of files that have an override, without it: as `docker compose -f` runs them, or a server.

    Left out are those that can't be run so, and those beside which other files are there to be laid over them.
    """
    reader = Reader(tree)
    for compose in composes:
        folder, name = posixpath.split(compose.path)
        if name not in _DEFAULT or compose.overlay_of or _first(folder, _OVERRIDE, tree) is None:
            continue
        others = {one for one in tree.names(folder) if _is_compose(one) and one not in _OVERRIDE} - {name}
        own = compose.sources[0]
        if len(compose.sources) > 1 and not others and not _lacking(own.data):
            reader.hold(own)
            yield load(own, tree, reader=reader)


def _in_their_projects(composes: Sequence[Compose]) -> Iterator[Compose]:
    """The same projects; files that one of them includes are seen as parts of it, with its variables and services."""
    parents = {path: one for one in composes if not one.overlay_of for path in _included(one)}
    for compose in composes:
        parent = parents.get(compose.path)
        if parent is None or parent is compose:
            yield compose
            continue
        whole = _seen_from(parent, compose)
        yield replace(whole, blank=_seen_from(parent.blank, compose)) if parent.blank else whole


def _seen_from(parent: Compose, part: Compose) -> Compose:
    """A project from the view of a file that it includes: what is reported is what stands there."""
    own = part.sources[0]
    others = tuple(one for one in parent.sources if one.path != part.path)
    origins = {(): (parent.sources[0], ()), **parent.origins}
    return replace(parent, path=part.path, sources=(own, *others), origins=origins, overlay_of=parent.path)


def _included(compose: Compose) -> Iterator[str]:
    """The paths of the files of a project that its main file includes as they are."""
    data = compose.sources[0].data
    entries = data.get("include") if isinstance(data, dict) else None
    folder = posixpath.dirname(compose.path)
    for entry in entries if isinstance(entries, list) else ():
        value = entry.get("path") if isinstance(entry, dict) else entry
        for path in value if isinstance(value, list) else (value,):
            if isinstance(path, str):
                yield posixpath.normpath(posixpath.join(folder, path))


def _first(folder: str, names: Sequence[str], tree: Tree) -> str | None:
    paths = (posixpath.join(folder, name) for name in names)
    return next((path for path in paths if tree.is_file(path)), None)


def _read(path: str | None, reader: Reader) -> Source | None:
    source = reader.source(path) if path else None
    return None if isinstance(source, EnvgenError) else source


def _base(source: Source, reader: Reader) -> Source | None:
    """The file that this one is an overlay on: one beside or above it which has what this one lacks."""
    lacking = _lacking(source.data)
    if not lacking:
        return None
    for path in _candidates(source.path, reader.tree):
        base = _read(path, reader)
        if base is not None and base is not source and lacking <= _offered(base.data):
            return base
    return None


def _candidates(path: str, tree: Tree) -> Iterator[str]:
    folder, name = posixpath.split(path)
    for place in (folder, posixpath.normpath(posixpath.join(folder, ".."))):
        first = _first("" if place == "." else place, _DEFAULT, tree)
        if first:
            yield first
        if place == folder:
            others = [one for one in tree.names(folder) if _is_compose(one) and one != name and one not in _DEFAULT]
            # the nearest name first: docker-compose.yml, docker-compose.prod.yml, docker-compose.prod.gpu.yml
            others.sort(key=lambda one: (not name.startswith(posixpath.splitext(one)[0]), one))
            yield from (posixpath.join(folder, one) for one in others[:_MOST_CANDIDATES])


def _is_compose(name: str) -> bool:
    return name.endswith((".yml", ".yaml")) and ("compose" in name or name.startswith("base"))


def _lacking(data: Data) -> frozenset[tuple[str, str]]:
    """What a file refers to and doesn't have: services without an image, names that are defined nowhere."""
    services = _map(data, "services")
    if not services or "include" in (data if isinstance(data, dict) else {}):
        return frozenset()
    lacking: set[tuple[str, str]] = set()
    for name, service in services.items():
        if service is None:
            lacking.add(("services", name))
        elif isinstance(service, dict):
            if not any(key in service for key in _RUNNABLE):
                lacking.add(("services", name))
            lacking |= {("services", one) for one in _names(service.get("depends_on")) if one not in services}
            defined = {"default", *_map(data, "networks")}
            lacking |= {("networks", one) for one in _names(service.get("networks")) if one not in defined}
    return frozenset(lacking)


def _offered(data: Data) -> frozenset[tuple[str, str]]:
    offered = {("networks", name) for name in _map(data, "networks")}
    for name, service in _map(data, "services").items():
        if isinstance(service, dict) and any(key in service for key in _RUNNABLE):
            offered.add(("services", name))
    return frozenset(offered)


def _names(value: Data) -> list[str]:
    names = value if isinstance(value, list | dict) else []
    return [name for name in names if isinstance(name, str)]


def _map(data: Data, key: str) -> dict[str, Data]:
    section = data.get(key) if isinstance(data, dict) else None
    return section if isinstance(section, dict) else {}
