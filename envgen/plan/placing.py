"""Where in the user's files a planned value comes from: places of problems, and the origins that `--plan` prints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from envgen.finding import Finding
from envgen.plan.draft import Draft, drafts
from envgen.plan.layers import BUILT_IN
from envgen.plan.model import Stack, Value
from envgen.plan.stack import DraftStack
from envgen.presets import Preset
from envgen.provenance import Layer, MergedSource, Trace, file_order, in_environment, layers_at, trace, written
from envgen.source import Data, Problem, Route, Source
from envgen.spec.model import Spec

_FILE_ENDING = "_FILE"


def findings(stacks: Sequence[DraftStack]) -> tuple[Finding, ...]:
    """The problems of all stacks at their places, file by file; what the first has is not said of others again."""
    found: dict[Finding, None] = {}
    known: set[Problem] = set()
    for stack in stacks:
        by_group = {draft.group: draft for draft in reversed(stack.drafts)}
        for problem in stack.texts.problems:
            if problem not in known:
                found[_placed(problem, stack, by_group)] = None
        known |= set(stack.texts.problems)
    files = file_order(stacks[0].spec.source)
    return tuple(sorted(found, key=lambda one: (files.get(one.file, 0), one.line, one.column, one.code)))


def _placed(problem: Problem, stack: DraftStack, by_group: Mapping[str, Draft]) -> Finding:
    """The problem as a finding: what it is about may come from `defaults`, or be kept by `"..."`."""
    source = stack.spec.source
    match problem.route:
        case ("services", str(group), *rest) if rest and group in by_group:
            draft = by_group[group]
            at = trace(draft.layers, dict(draft.raw), tuple(rest))
            if at.layer.source is not None:
                there = replace(problem, route=at.layer.written(at.route))
                return at.layer.source.finding(in_environment(stack.environment, there))
    if isinstance(source, MergedSource) and stack.environment is not None:
        return source.finding_in(stack.environment, problem)
    return source.finding(problem)


def origins(stack: Stack, spec: Spec, presets: Mapping[str, Preset] | None = None) -> dict[str, str]:
    """Where each value of a stack was written, by its route (`services.api.environment.PORT`).

    `FILE:LINE:COLUMN` is the place of the value or, where envgen made it of something else, of that: `restart` may
    come from `defaults`, `build.dockerfile` from `uses`. What nobody wrote is "preset NAME" or "built-in".
    """
    by_name = {draft.name: draft for draft in drafts(spec, [], presets)}
    found = {"name": _place(spec.source, ("name",))}
    for service in stack.services:
        draft = by_name[service.name]
        for route in _leaves(dict(service.compose), ()):
            found[_spelled(("services", service.name, *route))] = _origin(draft, route)
    for section, value in stack.sections.items():
        for route in _leaves(value, (section,)):
            found[_spelled(route)] = _section_origin(spec, route)
    return found


def _origin(draft: Draft, route: Route) -> str:
    raw = dict(draft.raw)
    at = _traced(draft.layers, raw, route)
    if at is None:
        return BUILT_IN
    layer = at.layer
    if layer.source is None:
        return layer.name
    return _place(layer.source, layer.written(at.route))


def _traced(layers: Sequence[Layer], raw: dict[str, Data], route: Route) -> Trace | None:
    """What gave a rendered value: itself, the variable that a secret's file belongs to, or the nearest parent."""
    head, *rest = route
    if head not in raw:  # made of the service's other keys
        head_of = {"build": "uses", "image": "preset", "secrets": "environment"}.get(str(head))
        return _traced(layers, raw, (head_of,)) if head_of is not None and head_of in raw else None
    at = trace(layers, raw, route)
    if not at.is_exact and rest and str(rest[-1]).endswith(_FILE_ENDING):
        variable = trace(layers, raw, (*route[:-1], str(rest[-1]).removesuffix(_FILE_ENDING)))
        return variable if variable.is_exact else at
    return at


def _section_origin(spec: Spec, route: Route) -> str:
    section, *rest = route
    layers = layers_at(spec.source, str(section))
    merged = spec.sections.get(str(section))
    if not rest or not layers or not (isinstance(merged, dict) and str(rest[0]) in merged):
        return BUILT_IN if rest or not layers else _place(spec.source, route)
    at = written(layers, merged, tuple(rest))
    return _place(*at) if at else BUILT_IN


def _place(source: Source, route: Route) -> str:
    line, column, _ = source.place(route)
    return f"{source.file(route)}:{line}:{column}"


def _leaves(value: "Value | Mapping[str, Value]", route: Route) -> Iterator[Route]:
    entries: Iterable[tuple[str | int, Value]] = ()
    if isinstance(value, Mapping):
        entries = value.items()
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        entries = enumerate(value)
    is_leaf = True
    for key, item in entries:
        is_leaf = False
        yield from _leaves(item, (*route, key))
    if is_leaf:
        yield route


def _spelled(route: Route) -> str:
    return ".".join(map(str, route))
