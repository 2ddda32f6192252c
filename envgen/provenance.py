"""Data that several files or sections give together, with the way back to where each value was written.

Nothing is noted while data is merged: what was written is kept, layer by layer, and a place is looked up when somebody
asks for it. So a spec of one file pays nothing, and the rules of merging are in one place only (`envgen.merging`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from envgen.finding import Finding
from envgen.merging import KEEP, merge_specs
from envgen.source import Data, Problem, Route, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One of several maps that are merged.

    `source` is the file it was written in (None: envgen brings it along, and `name` says as what), `route` the place
    there. `data` may differ from the file: parameters are filled in, and relative paths moved (`folder` is the file's,
    relative to the spec's that is rendered). `keys` are the written forms of keys that parameters changed.
    """

    data: Data
    source: Source | None = None
    route: Route = ()
    name: str = ""
    folder: str = "."
    keys: Mapping[Route, str] = field(default_factory=dict)

    def below(self, *route: str) -> "Layer | None":
        """The layer's part at a route, None where it has none."""
        node = self.data
        for key in route:
            if not isinstance(node, dict) or key not in node:
                return None
            node = node[key]
        keys = {at[len(route) :]: key for at, key in self.keys.items() if at[: len(route)] == route}
        return replace(self, data=node, route=(*self.route, *self._written(route)), keys=keys)

    def written(self, route: Route) -> Route:
        """Where the value at a route of the data stands in the file."""
        return (*self.route, *self._written(route))

    def _written(self, route: Route) -> Route:
        if not self.keys:
            return route
        return tuple(self.keys.get(route[: index + 1], part) for index, part in enumerate(route))


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value comes from: the layer, the route in its data, and whether that is the value or a parent of it."""

    layer: Layer
    route: Route
    is_exact: bool


_Head: TypeAlias = tuple[Layer, Data, Route]


def trace(layers: Sequence[Layer], merged: Data, route: Route) -> Trace:
    """What gave the value at a route of merged data; of one that isn't there, its nearest parent.

    `layers` (at least one) are those that were merged, the lowest first.
    """
    heads: list[_Head] = [(layer, layer.data, ()) for layer in reversed(layers)]
    node: Data = merged
    for depth, part in enumerate(route):
        node = _child(node, part)
        found = _below(heads, part, node)
        if not found:
            layer, _, at = heads[0]
            return Trace(layer, at, is_exact=depth == len(route))
        heads = found
    layer, _, at = heads[0]
    return Trace(layer, at, is_exact=True)


def _below(heads: Sequence[_Head], part: str | int, merged: Data) -> list[_Head]:
    """The next step of each layer that has it, as far down as layers are not hidden by one above."""
    found: list[_Head] = []
    for layer, data, at in heads:
        step = _step(data, part, merged)
        if step is None:
            continue
        value, more = step
        if value is None and merged is not None:
            break  # removed here, and what lies below with it
        found.append((layer, value, (*at, *more)))
        if not (isinstance(value, dict) or (isinstance(value, list) and KEEP in value)):
            break
    return found


def _step(data: Data, part: str | int, merged: Data) -> tuple[Data, Route] | None:
    """The value that `part` leads to in a layer's data, and the steps to it; short forms count as their long ones."""
    if isinstance(data, dict):
        return (data[str(part)], (str(part),)) if part in data else None
    if isinstance(data, list):
        index = _index(data, part, merged)
        return (data[index], (index,)) if index is not None else None
    if isinstance(data, str) and isinstance(part, int):  # a text alone, which dots kept as an entry or in words
        return (data, ()) if merged == data or merged in data.split() else None
    return (data, ()) if part == "context" and isinstance(data, str) else None


def _index(items: list[Data], part: str | int, merged: Data) -> int | None:
    """Which item of a list gave an entry of the merged list, or of a map that the list is the short form of."""
    if not isinstance(part, int):
        named = (at for at, item in enumerate(items) if isinstance(item, str) and item.partition("=")[0] == part)
        return next(named, None)
    is_there = part < len(items) and KEEP not in items
    if is_there and items[part] == merged:
        return part
    # where dots above keep it, it stands elsewhere; where a variant was taken out of it, it is no longer the same
    return next((at for at, item in enumerate(items) if item == merged), part if is_there else None)


def _child(node: Data, part: str | int) -> Data:
    if isinstance(node, dict):
        return node.get(str(part))
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return node[part]
    return None


@dataclass(frozen=True, slots=True)
class MergedSource(Source):
    """A spec of several layers, or one environment of it: every value is placed in the file that wrote it.

    `path` and `text` are those of the file that was asked for.
    """

    layers: tuple[Layer, ...] = field(default=(), repr=False, compare=False)

    def written(self, route: Route) -> tuple[Source, Route]:
        """The file that wrote the value at a route, and the route there."""
        return written(self.layers, self.data, route) or (self.layers[-1].source or self, ())

    def place(self, route: Route, *, at_key: bool = False) -> tuple[int, int, int]:
        """As of the file that wrote the value; `written` says which that is."""
        source, at = self.written(route)
        return source.place(at, at_key=at_key)

    def file(self, route: Route) -> str:
        """The path of the file that wrote the value."""
        return self.written(route)[0].path

    def finding(self, problem: Problem) -> Finding:
        """The problem as a finding in the file that wrote what it is about."""
        source, route = self.written(problem.route)
        return source.finding(replace(problem, route=route))

    def finding_in(self, environment: str, problem: Problem) -> Finding:
        """The same of a problem that only an environment has; what stands outside of it has to name it."""
        source, route = self.written(problem.route)
        return source.finding(in_environment(environment, replace(problem, route=route)))


def in_environment(environment: str | None, problem: Problem) -> Problem:
    """A problem of an environment (None: of the spec without an overlay), at its route in a file."""
    if environment is None or problem.route[:1] == ("environments",):
        return problem
    return replace(problem, message=f"{problem.message} (in the environment `{environment}`)")


def written(layers: Sequence[Layer], merged: Data, route: Route) -> tuple[Source, Route] | None:
    """The file that wrote the value at a route of merged data, and the route there; None where no file did."""
    found = trace(layers, merged, route)
    return (found.layer.source, found.layer.written(found.route)) if found.layer.source else None


def layers_of(source: Source) -> tuple[Layer, ...]:
    """The layers that a source was merged from, the lowest first; a file that was not merged is the only one."""
    return source.layers if isinstance(source, MergedSource) else (Layer(data=source.data, source=source),)


def merged_source(top: Source, data: Data, layers: tuple[Layer, ...], problems: tuple[Finding, ...]) -> MergedSource:
    """The source of layers that were merged to `data`; `top` is the file that was asked for."""
    return MergedSource(top.path, top.text, data, problems, top._root, top._text, layers)  # noqa: SLF001 - its own base


def environment_source(source: Source, name: str) -> MergedSource:
    """A spec with an environment's overlays over it, those of included files first."""
    layers = layers_of(source)
    overlays = layers_at(source, "environments", name)
    data: dict[str, Data] = {**source.data} if isinstance(source.data, dict) else {}
    data.pop("environments", None)
    for overlay in overlays:
        if isinstance(overlay.data, dict):
            data = merge_specs(data, overlay.data)
    services = data.get("services")
    if isinstance(services, dict):  # a null that had nothing to remove is reported where it stands
        data["services"] = {key: service for key, service in services.items() if service is not None}
    return merged_source(source, data, (*layers, *overlays), source.problems)


def layers_at(source: Source, *route: str) -> tuple[Layer, ...]:
    """The parts of a source's layers at a route, the lowest first, without those that one above removes."""
    found: list[Layer] = []
    for layer in layers_of(source):
        part = layer.below(*route)
        if part is not None:
            found = [*found, part] if part.data is not None else []
    return tuple(found)


def without(layer: Layer, key: str) -> Layer:
    """A layer without one of its keys."""
    if not isinstance(layer.data, dict) or key not in layer.data:
        return layer
    return replace(layer, data={name: value for name, value in layer.data.items() if name != key})


def file_order(source: Source) -> Mapping[str, int]:
    """The files of a source in the order in which what is wrong with them is told: the one that was asked for first."""
    paths = [source.path, *(layer.source.path for layer in layers_of(source) if layer.source)]
    return {path: index for index, path in enumerate(dict.fromkeys(paths))}
