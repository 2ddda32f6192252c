"""Keys in which a service names others: groups become their members."""

from collections.abc import Mapping

from envgen import codes
from envgen.plan.draft import Draft
from envgen.plan.health import has_healthcheck
from envgen.plan.model import Value
from envgen.plan.texts import Texts
from envgen.source import Data, Problem, Route

_JOINED = ("network_mode", "pid", "ipc")  # `service:NAME`: one other service only
_LISTS = ("links", "volumes_from")
_PREFIX = "service:"


def depends_on(draft: Draft, texts: Texts) -> Value:
    """Compose's depends_on; managed services wait for the health of what has a check."""
    raw = draft.raw.get("depends_on")
    if not isinstance(raw, list | dict):
        return None
    entries: Mapping[str, Data] = raw if isinstance(raw, dict) else dict.fromkeys(str(name) for name in raw)
    # what is said of a member counts for more than what is said of its group
    ordered = sorted(entries, key=lambda name: name in texts.services)
    wanted = {target: entries[name] for name in ordered for target in _members(name, texts)}
    names = dict.fromkeys(target for name in entries for target in _members(name, texts))
    if isinstance(raw, list) and not draft.managed:
        return [texts.text(name, (*draft.route, "depends_on"), draft) for name in names]
    return {name: _condition(name, wanted[name], draft, texts) for name in names}


def _condition(name: str, entry: Data, draft: Draft, texts: Texts) -> Value:
    settings = texts.value(entry, (*draft.route, "depends_on", name), draft)
    written = settings if isinstance(settings, dict) else {}
    if not draft.managed and written:
        return written
    target = texts.services.get(name)
    healthy = draft.managed and target is not None and has_healthcheck(target)
    return {"condition": "service_healthy" if healthy else "service_started", **written}


def named_services(draft: Draft, texts: Texts) -> dict[str, Value]:
    """The other keys that name a group: only one service can be meant by them."""
    found: dict[str, Value] = {}
    for key in _JOINED:
        value = draft.raw.get(key)
        if isinstance(value, str) and value.startswith(_PREFIX) and _is_group(value.removeprefix(_PREFIX), texts):
            found[key] = _PREFIX + _one(value.removeprefix(_PREFIX), (*draft.route, key), draft, texts)
    extends = draft.raw.get("extends")
    base = extends.get("service") if isinstance(extends, dict) and "file" not in extends else extends
    if isinstance(base, str) and _is_group(base, texts):
        found["extends"] = {"service": _one(base, (*draft.route, "extends"), draft, texts)}
    for key in _LISTS:
        listed = draft.raw.get(key)
        names = listed if isinstance(listed, list) else []
        if any(_is_group(str(item).partition(":")[0], texts) for item in names):
            route = (*draft.route, key)
            found[key] = [_linked(str(item), (*route, index), draft, texts) for index, item in enumerate(names)]
    return found


def _linked(item: str, route: Route, draft: Draft, texts: Texts) -> Value:
    name, colon, rest = item.partition(":")
    if not _is_group(name, texts):
        return texts.text(item, route, draft)
    return f"{_one(name, route, draft, texts)}{colon}{rest}"


def _is_group(name: str, texts: Texts) -> bool:
    return name in texts.groups and name not in texts.services


def _one(name: str, route: Route, draft: Draft, texts: Texts) -> str:
    """The member of a group that a service means: of the same matrix, the same variant."""
    member = texts.sibling(name, draft)
    if member is None:
        names = ", ".join(f"`{each.name}`" for each in texts.groups[name])
        message, hint = f"`{name}` is a group, and only one service can be meant", f"name one of its members: {names}"
        texts.problems.append(Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=message, hint=hint))
        return name
    return member.name


def _members(name: str, texts: Texts) -> tuple[str, ...]:
    if name in texts.services:
        return (name,)
    return tuple(member.name for member in texts.groups.get(name, ())) or (name,)
