"""`environments`: what differs in each. What an overlay holds is checked where it is laid over the spec."""

import re
from collections.abc import Iterator

from envgen import codes, suggest
from envgen.compose_schema import describe, top_level_keys, unknown_key
from envgen.source import Data, Problem, Route, Source

KEYS = frozenset({"name", "defaults", "runtimes"})
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_NAME_FORM = "names hold lower-case letters, digits, `_` and `-`, and start with a letter or digit: dev, prod"
# compose reads compose.override.yaml whenever it reads compose.yaml
_TAKEN = {"override": "docker compose lays compose.override.yaml over compose.yaml by itself"}


def names(data: Data) -> tuple[str, ...]:
    """The environments of a spec's data that can be laid over it."""
    environments = data.get("environments") if isinstance(data, dict) else None
    found = environments.items() if isinstance(environments, dict) else ()
    return tuple(name for name, overlay in found if _NAME.fullmatch(name) and isinstance(overlay, dict | None))


def check(source: Source) -> Iterator[Problem]:
    """What is wrong with the environments themselves; routes are those of the spec."""
    environments = source.data.get("environments") if isinstance(source.data, dict) else None
    for name, overlay in environments.items() if isinstance(environments, dict) else ():
        route: Route = ("environments", name)
        if not _NAME.fullmatch(name):
            message = f"`{name}` is no name for an environment"
            yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=_NAME_FORM, at_key=True)
        elif name in _TAKEN:
            message = f"`{name}` can't be an environment: {_TAKEN[name]}"
            yield Problem(code=codes.NAME_CLASH, route=route, message=message, hint="rename it", at_key=True)
        if isinstance(overlay, dict):
            yield from _check_keys(route, overlay)
            yield from _check_removals(source.data, route, overlay)


def _check_keys(route: Route, overlay: dict[str, Data]) -> Iterator[Problem]:
    known = dict.fromkeys([*KEYS, *sorted(top_level_keys() - {"version"})])
    for key in overlay:
        if key not in known and not key.startswith("x-"):
            yield unknown_key((*route, key), known)
    name = overlay.get("name")
    if "name" in overlay and not isinstance(name, str):
        message = f"expected text, found {describe(name)}"
        yield Problem(code=codes.WRONG_TYPE, route=(*route, "name"), message=message)


def _check_removals(data: Data, route: Route, overlay: dict[str, Data]) -> Iterator[Problem]:
    """A service that is removed has to be there."""
    services, base = overlay.get("services"), data.get("services") if isinstance(data, dict) else None
    known = base if isinstance(base, dict) else {}
    for name, service in services.items() if isinstance(services, dict) else ():
        if service is None and name not in known:
            message = f"there is no service `{name}` that could be taken out"
            hint = suggest.hint(name, known)
            place = (*route, "services", name)
            yield Problem(code=codes.UNKNOWN_REFERENCE, route=place, message=message, hint=hint, at_key=True)
