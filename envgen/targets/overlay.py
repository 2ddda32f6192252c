"""Overlays in compose's style: what an environment's compose file says, on top of the project's own.

How compose lays one file over another is compose-go's override/merge.go: maps are merged, most lists are joined. So a
list is always `!override`, which replaces it, and what is gone is `!reset` (both since Docker Compose 2.24.4).
"""

from collections.abc import Callable, Iterator, Mapping

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.plan.model import Stack, Value
from envgen.targets.yaml_text import RESET, Entry, Override, block, scalar
from envgen.templating import Templates

# maps of a service that compose merges key by key, without exception
_MERGED = frozenset({"annotations", "environment", "labels"})


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One overlay for each environment that is to have one."""
    for stack in plan.environments:
        if stack.overlay_path is None:
            continue
        text = templates.render(
            "compose/overlay.yaml.j2",
            {"scalar": scalar, "block": block},
            base=plan.compose_path,
            path=stack.overlay_path,
            project=stack.name if stack.name != plan.name else None,
            sections=[{key: value} for key, value in _changes(plan.base, stack)],
        )
        yield Artifact(path=stack.overlay_path, text=text, origin=("environments", str(stack.environment)))


def _changes(base: Stack, stack: Stack) -> Iterator[tuple[str, Entry]]:
    """The sections that differ, as an overlay says it; `include` can't (`envgen.plan.outputs` refuses it)."""
    before, after = _sections(base), _sections(stack)
    for section in dict.fromkeys((*after, *before)):
        old, new = before.get(section), after.get(section)
        if old == new or section == "include":
            continue
        if section.startswith("x-"):
            yield section, RESET if section not in after else _key(section, old, new)
        else:
            olds, news = old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}
            change = _service if section == "services" else _replaced
            yield section, _entries(olds, news, change)


def _sections(stack: Stack) -> dict[str, Value]:
    services: dict[str, Value] = {service.name: dict(service.compose) for service in stack.services}
    return {"services": services, **stack.sections}


def _entries(
    old: Mapping[str, Value], new: Mapping[str, Value], change: Callable[[str, Value, Value], Entry]
) -> dict[str, Entry]:
    """What makes a map a new one, key by key; `change` gives a key's entry from its values in both."""
    found: dict[str, Entry] = {}
    for key in dict.fromkeys((*new, *old)):
        if key not in new:
            found[key] = RESET
        elif key not in old:
            found[key] = new[key]
        elif old[key] != new[key]:
            found[key] = change(key, old[key], new[key])
    return found


def _service(_name: str, old: Value, new: Value) -> Entry:
    return _entries(old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}, _key)


def _replaced(_key: str, old: Value, new: Value) -> Entry:
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        return Override({} if new is None else new)
    return {} if new is None else new


def _key(key: str, old: Value, new: Value) -> Entry:
    """What makes one key of a service a new one."""
    if new is None:
        return RESET
    if key in _MERGED and isinstance(old, dict) and isinstance(new, dict) and None not in new.values():
        return _entries(old, new, lambda _, __, value: value)
    return Override(new) if isinstance(old, dict | list) or isinstance(new, dict | list) else new
