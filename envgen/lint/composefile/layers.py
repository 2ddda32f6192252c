"""Parts of compose files laid over each other, each value still knowing the file and route it comes from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from envgen import compose_unique as unique
from envgen.source import Data, Route, Source

Key: TypeAlias = str | int


class MergeConflictError(Exception):
    """Two parts that compose can't merge: `base` says what is there, `over` what is to go over it."""

    def __init__(self, base: "Layer", over: "Layer", route: Route) -> None:
        self.base, self.over, self.route = base, over, route
        super().__init__(f"{'.'.join(map(str, route))} can't be merged")


@dataclass(slots=True)
class Layer:
    """Data of which the value at `route` of `source` is the default origin; `children` come from somewhere else."""

    data: Data
    source: Source
    route: Route
    children: Mapping[Any, "Layer"] = field(default_factory=dict)  # by key or index

    def child(self, key: Key) -> "Layer":
        """The part at a key or index that exists."""
        known = self.children.get(key)
        if known is not None:
            return known
        value: Data = self.data[key]  # type: ignore[index]
        return Layer(value, self.source, (*self.route, key))

    def items(self) -> list["Layer"]:
        """The items of a list, or the only one of a scalar."""
        if isinstance(self.data, list):
            return [self.child(index) for index in range(len(self.data))]
        return [] if self.data is None else [self]

    def entries(self) -> dict[str, "Layer"]:
        """The entries of a map; anything else has none."""
        return {key: self.child(key) for key in self.data} if isinstance(self.data, dict) else {}

    def origins(self, route: Route = ()) -> Iterator[tuple[Route, tuple[Source, Route]]]:
        """The routes that come from somewhere else than their parents do, parents first."""
        for key, child in self.children.items():
            yield (*route, key), (child.source, child.route)
            yield from child.origins((*route, key))

    def replaced(self, key: Key, child: "Layer") -> "Layer":
        """The same map with another value at a key."""
        data = dict(self.data) if isinstance(self.data, dict) else {}
        data[str(key)] = child.data
        return Layer(data, self.source, self.route, {**self.children, key: child})


def of_map(parts: Mapping[str, Layer], like: Layer) -> Layer:
    """A map of parts, itself from where `like` is."""
    return Layer({key: part.data for key, part in parts.items()}, like.source, like.route, dict(parts))


def of_list(parts: Iterable[Layer], like: Layer) -> Layer:
    """A list of parts, itself from where `like` is."""
    parts = list(parts)
    return Layer([part.data for part in parts], like.source, like.route, dict(enumerate(parts)))


def merge(base: Layer, over: Layer, route: Route) -> Layer:
    """`over` laid over `base` as compose does (compose-go, override/merge.go), both being at a route of the model.

    Raises MergeConflictError.
    """
    special = _SPECIAL.get(unique.pattern(route))
    if special is not None:
        return special(base, over, route)
    if over.data is None:
        return base
    if isinstance(base.data, dict):
        if not isinstance(over.data, dict):
            raise MergeConflictError(base, over, route)
        return _maps(base, over, route)
    if isinstance(base.data, list):
        if not isinstance(over.data, list):
            raise MergeConflictError(base, over, route)
        return _appended(base.items() + over.items(), over, route)
    return over


def without(layer: Layer, routes: Iterable[Route]) -> Layer:
    """The layer without what stands at some routes."""
    for route in routes:
        layer = _without(layer, route)
    return layer


def _without(layer: Layer, route: Route) -> Layer:
    key = route[0] if route else None
    if not isinstance(layer.data, dict) or key not in layer.data:
        return layer
    if len(route) > 1:
        return layer.replaced(key, _without(layer.child(key), route[1:]))
    data = {name: value for name, value in layer.data.items() if name != key}
    return Layer(data, layer.source, layer.route, {name: one for name, one in layer.children.items() if name != key})


def _maps(base: Layer, over: Layer, route: Route) -> Layer:
    parts = base.entries()
    for key, part in over.entries().items():
        parts[key] = merge(parts[key], part, (*route, key)) if key in parts else part
    return of_map(parts, over)


def _appended(items: list[Layer], like: Layer, route: Route) -> Layer:
    """The items, of those that are about the same thing only the last one, where the first one stood."""
    index_of = unique.INDEXERS.get(unique.pattern(route))
    if index_of is None:
        # seen with docker-compose 5.6.1: of equal items the first one stays
        first: dict[str, Layer] = {}
        for item in items:
            first.setdefault(repr(item.data), item)
        return of_list(first.values(), like)
    kept: list[Layer] = []
    places: dict[str, int] = {}
    for item in items:
        key = index_of(item.data)
        if key is None or key not in places:
            if key is not None:
                places[key] = len(kept)
            kept.append(item)
        else:
            kept[places[key]] = item
    return of_list(kept, like)


def _replace(_base: Layer, over: Layer, _route: Route) -> Layer:
    return over


def _sequences(base: Layer, over: Layer, route: Route) -> Layer:
    if isinstance(base.data, dict) and isinstance(over.data, dict):
        return of_map(base.entries() | over.entries(), over)
    return _appended(_as_items(base) + _as_items(over), over, route)


def _as_items(layer: Layer) -> list[Layer]:
    """The items of a list, or of a map as `key=value`."""
    if not isinstance(layer.data, dict):
        return layer.items()
    items = []
    for key, value in layer.data.items():
        child = layer.child(key)
        for one in value if isinstance(value, list) else [value]:
            text = key if one is None else f"{key}={unique.text(one)}"
            items.append(Layer(text, child.source, child.route))
    return items


def _hosts(base: Layer, over: Layer, _route: Route) -> Layer:
    there = _as_items(base)
    known = {item.data for item in there if isinstance(item.data, str)}
    added = [item for item in _as_items(over) if not (isinstance(item.data, str) and item.data in known)]
    return of_list([*there, *added], over)


def _named(base: Layer, over: Layer, route: Route) -> Layer:
    """Maps, or lists of names that stand for such (`depends_on`, `networks`)."""
    is_dependency = route[-1:] == ("depends_on",)
    return _maps(_as_map(base, is_dependency=is_dependency), _as_map(over, is_dependency=is_dependency), route)


def _as_map(layer: Layer, *, is_dependency: bool) -> Layer:
    if isinstance(layer.data, dict):
        return layer
    entry: Data = {"condition": "service_started", "required": True} if is_dependency else None
    items = [item for item in layer.items() if isinstance(item.data, str)]
    return of_map({str(item.data): Layer(entry, item.source, item.route) for item in items}, layer)


def _build(base: Layer, over: Layer, route: Route) -> Layer:
    return _maps(_as_build(base), _as_build(over), route)


def _as_build(layer: Layer) -> Layer:
    if isinstance(layer.data, dict):
        return layer
    parts = {"context": layer} if isinstance(layer.data, str) else {}
    return of_map(parts, layer)


def _logging(base: Layer, over: Layer, route: Route) -> Layer:
    if not isinstance(base.data, dict) or not isinstance(over.data, dict):
        raise MergeConflictError(base, over, route)
    one, other = base.data.get("driver"), over.data.get("driver")
    return over if one != other and "driver" in base.data and "driver" in over.data else _maps(base, over, route)


def _address_pools(base: Layer, over: Layer, route: Route) -> Layer:
    """`ipam.config`: an entry with a subnet that is there already is merged with it."""
    if not isinstance(base.data, list) or not isinstance(over.data, list):
        raise MergeConflictError(base, over, route)
    pools: dict[str, Layer] = {}
    for item in (*base.items(), *over.items()):
        subnet = str(item.data.get("subnet")) if isinstance(item.data, dict) else repr(item.data)
        known = pools.get(subnet)
        both = known is not None and isinstance(known.data, dict) and isinstance(item.data, dict)
        pools[subnet] = _maps(known, item, route) if both and known is not None else item
    return of_list(pools.values(), over)


_SPECIAL: Mapping[Route, Callable[[Layer, Layer, Route], Layer]] = {
    ("networks", "*", "ipam", "config"): _address_pools,
    ("networks", "*", "labels"): _sequences,
    ("volumes", "*", "labels"): _sequences,
    ("services", "*", "annotations"): _sequences,
    ("services", "*", "build"): _build,
    ("services", "*", "build", "args"): _sequences,
    ("services", "*", "build", "additional_contexts"): _sequences,
    ("services", "*", "build", "extra_hosts"): _hosts,
    ("services", "*", "build", "labels"): _sequences,
    ("services", "*", "command"): _replace,
    ("services", "*", "depends_on"): _named,
    ("services", "*", "deploy", "labels"): _sequences,
    ("services", "*", "dns"): _sequences,
    ("services", "*", "dns_opt"): _sequences,
    ("services", "*", "dns_search"): _sequences,
    ("services", "*", "entrypoint"): _replace,
    ("services", "*", "env_file"): _sequences,
    ("services", "*", "label_file"): _sequences,
    ("services", "*", "environment"): _sequences,
    ("services", "*", "extra_hosts"): _hosts,
    ("services", "*", "healthcheck", "test"): _replace,
    ("services", "*", "labels"): _sequences,
    ("services", "*", "logging"): _logging,
    ("services", "*", "models"): _named,
    ("services", "*", "networks"): _named,
    ("services", "*", "sysctls"): _sequences,
    ("services", "*", "tmpfs"): _sequences,
    ("services", "*", "ulimits", "*"): _replace,
}
