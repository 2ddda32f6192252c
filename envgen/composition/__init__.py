"""Specs that are composed of others: `specs` names files, which are laid under the one that names them."""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from envgen import codes
from envgen.composition import parameters
from envgen.composition.paths import moved
from envgen.finding import EnvgenError, Finding
from envgen.merging import at, merge_specs
from envgen.provenance import Layer, merged_source
from envgen.source import Data, Problem, Route, Source
from envgen.spec import errors
from envgen.spec.composed import Include
from envgen.spec.model import Head

_DEEPEST = 20  # files that include each other; real projects have two or three
_MOST = 500  # files in all
# what a spec says of itself, and not of those that include it
_OWN = ("envgen", "name", "version", "lint", "specs", "parameters")
_OWN_OUTPUTS = ("compose", "env_example", "environments", "overlays")

Read = Callable[[str], Source]
"""Reads and parses a file by its path as shown to people; raises EnvgenError with its problems, OSError as `open`."""


def compose(source: Source, read: Read) -> Source:
    """A spec with those that it names, and with the defaults of its own parameters.

    The data of the result is merged in the order of DESIGN: specs in the order in which they are named, each over those
    that it names itself, and the file over all. Raises EnvgenError for files that can't be read, cycles, and parameters
    that don't fit. A spec that has neither comes back as it is.
    """
    data = source.data
    if not isinstance(data, dict) or ("specs" not in data and "parameters" not in data and "${{" not in source.text):
        return source
    composer = _Composer(read)
    composer.add(_File(source, ".", (source.path,)), {}, None)
    if composer.findings:
        files = list(dict.fromkeys([source.path, *(finding.file for finding in composer.findings)]))
        ordered = sorted(
            dict.fromkeys(composer.findings),  # a set has another order each time
            key=lambda one: (files.index(one.file), one.line, one.column, one.code),
        )
        raise EnvgenError(ordered)
    merged: dict[str, Data] = {}
    for layer in composer.layers:
        if isinstance(layer.data, dict):
            merged = merge_specs(merged, layer.data) if merged else layer.data
    problems = tuple(problem for layer in composer.layers if layer.source for problem in layer.source.problems)
    return merged_source(source, merged, tuple(composer.layers), problems)


@dataclass(frozen=True, slots=True)
class _File:
    source: Source
    folder: str  # relative to the folder of the file that was asked for
    chain: tuple[str, ...]  # the files that lead here, the one that was asked for first


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file is included: the including file, and the route of the entry there."""

    source: Source
    route: Route

    def finding(self, code: str, message: str, hint: str | None, *more: str) -> Finding:
        problem = Problem(code=code, route=(*self.route, *more), message=message, hint=hint)
        return self.source.finding(problem)


@dataclass(slots=True)
class _Composer:
    """Gathers the layers of a spec, the lowest first, and what is wrong on the way."""

    read: Read
    layers: list[Layer] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, file: _File, given: Mapping[str, Data], place: _Place | None) -> None:
        """A file's layer, below it those of the files that it names."""
        source = file.source
        if not isinstance(source.data, dict):
            if place is None:
                self.layers.append(Layer(data=source.data, source=source))  # reported when it is loaded
                return
            self.findings += source.problems or (source.finding(_no_map()),)
            return
        head = self._head(source)
        if head is None:
            self.findings += [] if place else source.problems
            return
        self._check(head, source, given, place)
        folders = [posixpath.dirname(path) or "." for path in file.chain[-2:]]  # of who includes it, and its own
        filled = parameters.fill(source.data, head.parameters, given, posixpath.relpath(folders[0], folders[-1]))
        self.findings += map(source.finding, filled.problems)
        data = filled.data if isinstance(filled.data, dict) else {}
        self._include(data.get("specs"), file)
        if place is not None:
            data = _without_own(data)
        data = _with_contexts(moved(data, file.folder), file.folder, self.layers)
        self.layers.append(Layer(data=data, source=source, folder=file.folder, keys=filled.keys))

    def _head(self, source: Source) -> Head | None:
        data = source.data if isinstance(source.data, dict) else {}
        own = {key: value for key, value in data.items() if key in Head.model_fields}
        try:
            return Head.model_validate(own)
        except ValidationError as error:
            self.findings += map(source.finding, errors.problems(error, own))
            return None

    def _check(self, head: Head, source: Source, given: Mapping[str, Data], place: _Place | None) -> None:
        self.findings += map(source.finding, parameters.check_declared(head.parameters))
        if place is not None:
            wrong = parameters.check_given(given, head.parameters, (*place.route, "parameters"))
            self.findings += map(place.source.finding, wrong)
        for name in parameters.check_missing(given, head.parameters):
            if place is not None:
                message = f"the parameter `{name}` of {source.path} is missing"
                hint = f"write {{path: ..., parameters: {{{name}: ...}}}}"
                self.findings.append(place.finding(codes.MISSING_KEY, message, hint, "parameters"))
            else:
                message = f"the parameter `{name}` has no value here, where no other spec includes this one"
                problem = Problem(
                    code=codes.MISSING_KEY,
                    route=("parameters", name),
                    message=message,
                    hint="give it a `default`, or use the spec that includes this one",
                    at_key=True,
                )
                self.findings.append(source.finding(problem))

    def _include(self, specs: Data, file: _File) -> None:
        for index, entry in enumerate(specs if isinstance(specs, list) else []):
            route: Route = ("specs", index)
            if not isinstance(entry, str):
                route = (*route, "path")
            place = _Place(file.source, route)
            try:  # parameters may have made something else of it
                include = Include(path=entry) if isinstance(entry, str) else Include.model_validate(entry)
            except ValidationError:
                message, hint = "this is no spec to include", "write a path, or {path: ..., parameters: {...}}"
                self.findings.append(place.finding(codes.INVALID_VALUE, message, hint))
                continue
            wrong = _path_problem(include.path)
            if wrong is not None:
                self.findings.append(place.finding(codes.INVALID_VALUE, *wrong))
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(_real(file.source.path)), include.path))
            chain = (*file.chain, path)
            if path in map(posixpath.normpath, map(_real, file.chain)):
                message = f"specs include each other: {' -> '.join(chain)}"
                self.findings.append(place.finding(codes.DEPENDENCY_CYCLE, message, "take one of them out"))
                continue
            self.count += 1
            if len(chain) > _DEEPEST or self.count > _MOST:
                message = f"more than {_DEEPEST} specs deep, or {_MOST} in all: {' -> '.join(chain[:4])} -> ..."
                self.findings.append(place.finding(codes.TOO_LARGE, message, "does a link lead back?"))
                continue
            included = self._read(path, include, place)
            if included is not None:
                folder = posixpath.normpath(posixpath.join(file.folder, posixpath.dirname(include.path)))
                self.add(_File(included, folder, chain), include.parameters, replace(place, route=route[:2]))

    def _read(self, path: str, include: Include, place: _Place) -> Source | None:
        try:
            return self.read(path)
        except EnvgenError as error:
            self.findings += error.findings
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            message = f"the spec {include.path} can't be read: {reason}"
            hint = f"its path is relative to the folder of {place.source.path}"
            self.findings.append(place.finding(codes.UNKNOWN_REFERENCE, message, hint))
        return None


def _no_map() -> Problem:
    return Problem(code=codes.WRONG_TYPE, route=(), message="a spec is a map", hint="start with `envgen: 1`")


def _real(path: str) -> str:
    """A path that others can be relative to: standard input lies in the working directory."""
    return "" if path == "<stdin>" else path


def _path_problem(path: str) -> tuple[str, str] | None:
    if path.startswith(("/", "~", "\\")) or "://" in path or "\0" in path:
        return f"`{path}` is no relative path", "name a file in the repository, relative to this one"
    return None


def _without_own(data: dict[str, Data]) -> dict[str, Data]:
    """An included spec without what it says of itself."""
    kept = {key: value for key, value in data.items() if key not in _OWN}
    outputs = kept.get("outputs")
    if isinstance(outputs, dict):
        kept["outputs"] = {key: value for key, value in outputs.items() if key not in _OWN_OUTPUTS}
    return kept


def _with_contexts(data: dict[str, Data], folder: str, lower: list[Layer]) -> dict[str, Data]:
    """The data with the build contexts that are not written: the folder of the file that says what is built."""
    if folder == "." or any(_has_context(layer.data) for layer in (*lower, Layer(data=data))):
        return data
    context = folder if folder.startswith("..") else f"./{folder}"
    known = {name for layer in lower for name in _built(layer.data)}
    changed = {**data, **_services(data, context, known)}
    environments = data.get("environments")
    if isinstance(environments, dict):
        known |= set(_built(data))
        changed["environments"] = {
            name: {**overlay, **_services(overlay, context, known)} if isinstance(overlay, dict) else overlay
            for name, overlay in environments.items()
        }
    return changed


def _services(data: dict[str, Data], context: str, known: set[str]) -> dict[str, Data]:
    services = data.get("services")
    if not isinstance(services, dict):
        return {}
    built = set(_built(data)) - known
    found: dict[str, Data] = {}
    for name, service in services.items():
        build = service.get("build") if isinstance(service, dict) else None
        found[name] = service
        if name in built and isinstance(service, dict) and isinstance(build, dict | None):
            found[name] = {**service, "build": {"context": context, **(build or {})}}
    return {"services": found}


def _built(data: Data) -> Iterator[str]:
    """The services that say what they are built of."""
    services = data.get("services") if isinstance(data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        if isinstance(service, dict) and (service.get("uses") is not None or service.get("build") is not None):
            yield name


def _has_context(data: Data) -> bool:
    return isinstance(data, dict) and at(data, ("defaults", "build", "context")) is not None
