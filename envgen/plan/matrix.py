"""A service that uses several runtimes: each variant's own values, and what can't be the same for all of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from envgen import codes, suggest
from envgen.plan.entries import port_entry, writable_volume
from envgen.source import Data, Problem, Route
from envgen.spec.compose_view import PER_VARIANT_KEYS

_IN_ENTRIES = (("ports", "published"), ("volumes", "source"))


class _Variant(Protocol):
    @property
    def group(self) -> str: ...
    @property
    def variant(self) -> str | None: ...
    @property
    def raw(self) -> Mapping[str, Data]: ...
    @property
    def route(self) -> Route: ...


def pick_variant(
    raw: Mapping[str, Data], variant: str | None, variants: Sequence[str], route: Route, problems: list[Problem]
) -> dict[str, Data]:
    """A service's data for one variant (None: it has none): of each map by variant, its own value."""
    picked = dict(raw)
    for key in sorted(PER_VARIANT_KEYS & raw.keys()):
        picked[key] = _choose(raw[key], variant, variants, (*route, key), problems)
    for key, inner in _IN_ENTRIES:
        items = raw.get(key)
        if not isinstance(items, list):
            continue
        chosen: list[Data] = []
        for index, item in enumerate(items):
            if isinstance(item, dict) and isinstance(item.get(inner), dict):
                value = _choose(item[inner], variant, variants, (*route, key, index, inner), problems)
                chosen.append({**item, inner: value})
            else:
                chosen.append(item)
        picked[key] = chosen
    return picked


def check_matrix(members: Sequence[_Variant], problems: list[Problem]) -> None:
    """What several variants of a service (`members`) would share, though only one can have it."""
    first = members[0]
    by_variant = f"{{{first.variant}: ..., ...}}"

    def refuse(key: Route, message: str, hint: str) -> None:
        message = f"all variants of `{first.group}` would {message}"
        hint = f"write one for each: {hint}"
        problems.append(Problem(code=codes.MATRIX, route=(*first.route, *key), message=message, hint=hint))

    for key, what in (("container_name", "have this container name"), ("image", "be this image")):
        if len({str(draft.raw.get(key)) for draft in members}) == 1 and first.raw.get(key) is not None:
            refuse((key,), what, by_variant)
    for index, port in enumerate(_list(first.raw.get("ports"))):
        published = port_entry(port).published
        if published not in {"0", ""} and all(_at(draft.raw.get("ports"), index) == port for draft in members):
            hint = f"published: {{{first.variant}: {published or '...'}, ...}}"
            refuse(("ports", index), f"publish the host port {published or 'of that variable'}", hint)
    for index, volume in enumerate(_list(first.raw.get("volumes"))):
        writable = writable_volume(volume)
        if writable is None or writable.name is None:
            continue
        others = (writable_volume(_at(draft.raw.get("volumes"), index)) for draft in members)
        if all(other is not None and other.name == writable.name for other in others):
            hint = f"{{type: volume, source: {by_variant}, target: {writable.target}}}"
            refuse(("volumes", index), f"write to the volume `{writable.name}`", hint)


def _choose(value: Data, variant: str | None, variants: Sequence[str], route: Route, problems: list[Problem]) -> Data:
    if not isinstance(value, dict):
        return value
    if variant is None:
        message, hint = "a map by variant, but the service has no variants", "write a single value"
        problems.append(Problem(code=codes.MATRIX, route=route, message=message, hint=hint))
        return None
    for key in value:
        if key not in variants:
            message, near = f"there is no variant `{key}`", suggest.hint(key, variants)
            problems.append(Problem(code=codes.MATRIX, route=(*route, key), message=message, hint=near, at_key=True))
    if variant not in value:
        message, hint = f"no value for the variant `{variant}`", f"add `{variant}:`"
        problems.append(Problem(code=codes.MATRIX, route=route, message=message, hint=hint, at_key=True))
    return value.get(variant)


def _list(value: Data) -> list[Data]:
    return value if isinstance(value, list) else []


def _at(value: Data, index: int) -> Data:
    items = _list(value)
    return items[index] if index < len(items) else None
