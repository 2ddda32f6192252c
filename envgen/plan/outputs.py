"""Where compose files go, and whether they can."""

import posixpath
from collections.abc import Iterator, Sequence

from envgen import codes, suggest
from envgen.plan.draft import Problems
from envgen.plan.images import PlannedImages
from envgen.plan.model import Service, Stack, Value
from envgen.source import Problem, Route
from envgen.spec.model import Spec

_NO_OUTPUTS = ("", ".", "..", "envgen.lock", ".env")


def compose_path(spec: Spec, environment: str | None) -> str:
    """The compose file of an environment: compose.dev.yaml beside compose.yaml."""
    if environment is None:
        return spec.outputs.compose
    stem, suffix = posixpath.splitext(spec.outputs.compose)
    return spec.outputs.environments.get(environment, f"{stem}.{environment}{suffix}")


def overlay_path(path: str) -> str:
    """The overlay beside an environment's compose file: compose.dev.overlay.yaml."""
    stem, suffix = posixpath.splitext(path)
    return f"{stem}.overlay{suffix}"


def check_outputs(spec: Spec, images: PlannedImages, problems: Problems) -> None:
    """Paths for what isn't there, and files that have to lie beside the spec."""
    names = {"dockerfiles": [image.name for image in images.images], "environments": list(spec.environments)}
    for key, what in (("dockerfiles", "image"), ("environments", "environment")):
        for name in getattr(spec.outputs, key):
            if name not in names[key]:
                message, hint = f"there is no {what} `{name}`", suggest.hint(name, names[key])
                place: Route = ("outputs", key, name)
                problems.append(
                    Problem(code=codes.UNKNOWN_REFERENCE, route=place, message=message, hint=hint, at_key=True)
                )
    for route, path in _beside(spec):
        if "/" in path or "\\" in path or path in _NO_OUTPUTS:
            message, hint = (
                f"{path!r} is no name for a file beside the spec",
                "its paths are relative to the spec's folder",
            )
            problems.append(Problem(code=codes.OUTPUT, route=route, message=message, hint=hint))


def _beside(spec: Spec) -> Iterator[tuple[Route, str]]:
    yield ("outputs", "compose"), spec.outputs.compose
    yield ("outputs", "env_example"), spec.outputs.env_example
    for name, path in spec.outputs.environments.items():
        yield ("outputs", "environments", name), path


def check_overlays(stacks: Sequence[Stack], problems: Problems) -> None:
    """What no overlay can change: compose follows `include` and `extends` before it lays one file over another."""
    base, *others = stacks
    services = {service.name: service for service in base.services}
    for stack in others:
        if stack.sections.get("include") != base.sections.get("include"):
            route: Route = ("environments", str(stack.environment), "include")
            message = f"no overlay can change `include`, and `{stack.environment}` does"
            problems.append(_no_overlay(route, message))
        for section in sorted(base.sections.keys() & stack.sections.keys()):
            if _loses_type(base.sections[section], stack.sections[section]):
                problems.append(_no_overlay(("environments", str(stack.environment), section), _typeless(section)))
        for service in stack.services:
            known = services.get(service.name)
            if known is not None and known.compose != service.compose and _extends(known, service):
                route = ("environments", str(stack.environment), "services", service.group)
                message = f"no overlay can change `{service.name}`: it `extends` another"
                problems.append(_no_overlay(route, message))
            for key in sorted(known.compose.keys() & service.compose.keys()) if known else ():
                if known and _loses_type(known.compose[key], service.compose[key]):
                    route = ("environments", str(stack.environment), "services", service.group, key)
                    problems.append(_no_overlay(route, _typeless(key)))


def _loses_type(old: Value, new: Value) -> bool:
    """Whether a map or list becomes a number or boolean: compose takes a scalar tagged `!override` for text."""
    return isinstance(old, dict | list) and isinstance(new, bool | int | float)


def _typeless(key: str) -> str:
    return f"no overlay can make a number or boolean of the map or list `{key}`"


def _extends(*services: Service) -> bool:
    return any("extends" in service.compose for service in services)


def _no_overlay(route: Route, message: str) -> Problem:
    hint = "leave out `outputs.overlays`: compose files of environments need none"
    return Problem(code=codes.CONFLICT, route=route, message=message, hint=hint)
