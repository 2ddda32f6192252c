"""The files that a spec is rendered to, linted before they are written, with the way back to the spec's lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from envgen.finding import Finding
from envgen.lint import composes, dockerfiles
from envgen.lint.files import Kind, LintFile
from envgen.lint.options import Options
from envgen.lint.tools import Tools
from envgen.plan import Plan
from envgen.plan.model import Service
from envgen.render import render
from envgen.source import Data, Problem, Route, Source, parse
from envgen.spec import Spec

_ABOUT_FILES = ("EG0",)  # syntax and schema: what can't be rendered is reported as the spec's own error
_EOL_IMAGE = "EG330"  # of an image that is built with a runtime: the spec's rule knows what is allowed


@dataclass(frozen=True)
class RenderedFile:
    """A file as a spec renders it; `path` as shown to the user, `image` the route of what a Dockerfile is made for."""

    path: str
    text: str
    spec: Source
    services: Sequence[Service]
    image: Route | None = None
    environment: str | None = None

    def origin(self, line: int) -> Route:
        """The route of the spec value that a line (1-based) comes from."""
        return self._routes.get(line, ()) if self.image is None else self.image

    @cached_property
    def _routes(self) -> Mapping[int, Route]:
        """The spec's route for each line of a compose file: that of the deepest value that starts on it."""
        rendered = parse(self.text, self.path)
        services = {service.name: service.route for service in self.services}
        found: dict[int, Route] = {}
        for route in _routes_of(rendered.data):
            line, _, _ = rendered.place(route, at_key=True)
            match route:
                case ("services", str() as name, *rest) if name in services:
                    found[line] = (*services[name], *rest)
                case _:
                    found[line] = route
        return found


def files(plan: Plan, spec: Spec, tools: Tools) -> tuple[RenderedFile, ...]:
    """What a spec renders, at paths beside it; overlays only say once more what is there already."""
    images = {image.dockerfile: image.route for image in plan.images}
    stacks = dict(
        zip((stack.compose_path for stack in plan.stacks), zip(plan.stacks, spec.in_all, strict=True), strict=True)
    )
    sources = {image.dockerfile: _source_of(image.name, plan, spec) for image in plan.images}
    found: list[RenderedFile] = []
    for artifact in render(plan):
        path = tools.tree.beside(spec.source.path, artifact.path)
        if artifact.path in stacks:
            stack, one = stacks[artifact.path]
            found.append(
                RenderedFile(
                    path=path,
                    text=artifact.text,
                    spec=one.source,
                    services=stack.services,
                    environment=stack.environment,
                )
            )
        elif artifact.path in images:
            source, route = sources[artifact.path], images[artifact.path]
            found.append(RenderedFile(path=path, text=artifact.text, spec=source, services=(), image=route))
    return tuple(found)


def _source_of(image: str, plan: Plan, spec: Spec) -> Source:
    """The source of the first environment that has an image: its route leads somewhere there."""
    stacks = zip(plan.stacks, spec.in_all, strict=True)
    return next((one.source for stack, one in stacks if image in {s.image for s in stack.services}), spec.source)


def check(rendered: Sequence[RenderedFile], today: date, tools: Tools, options: Options) -> Iterator[Finding]:
    """What there is to say about the rendered files, at the spec's places."""
    by_path = {one.path: one for one in rendered}
    inside = replace(tools, tree=tools.tree.holding({one.path: one.text for one in rendered}))
    images = [LintFile(one.path, one.text, Kind.DOCKERFILE) for one in rendered if one.image is not None]
    stacks = [LintFile(one.path, one.text, Kind.COMPOSE) for one in rendered if one.image is None]
    found = [*dockerfiles.check(images, inside), *composes.check(stacks, today, inside, lambda _: options)[0]]
    seen: set[tuple[str, str, Route]] = set()
    for finding in sorted(found, key=lambda one: one.file in by_path and by_path[one.file].environment is not None):
        file = by_path.get(finding.file)
        if file is not None and not finding.code.startswith(_ABOUT_FILES) and not is_covered(finding, file):
            if subject(finding, file) not in seen:  # every environment would have it again
                yield _at_origin(finding, file)
            seen.add(subject(finding, file))


def subject(finding: Finding, file: RenderedFile) -> tuple[str, str, Route]:
    """What a finding is about: of several environments that have it, one is enough."""
    return finding.code, finding.message, file.origin(finding.line)


def is_covered(finding: Finding, file: RenderedFile) -> bool:
    """Whether a rule about the spec says the same, and better."""
    return finding.code == _EOL_IMAGE and file.image is not None


def explained(finding: Finding, file: RenderedFile) -> Finding:
    """A finding in a rendered file, with the spec's key that it comes from."""
    route = file.origin(finding.line)
    line, column, _ = file.spec.place(route)
    written = ".".join(map(str, route))
    origin = f"rendered from {file.spec.file(route)}:{line}:{column}" + (f" (`{written}`)" if written else "")
    return replace(finding, hint=f"{finding.hint}; {origin}" if finding.hint else origin)


def _at_origin(finding: Finding, file: RenderedFile) -> Finding:
    problem = Problem(
        code=finding.code,
        route=file.origin(finding.line),
        message=f"{finding.message} (rendered: {file.path}:{finding.line})",
        hint=finding.hint,
        severity=finding.severity,
    )
    return file.spec.finding(problem)


def _routes_of(data: Data, route: Route = ()) -> Iterator[Route]:
    """The routes of all values, those of parents before their children's."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*route, key)
        yield from _routes_of(value, (*route, key))
