"""Puts a compose model together from its files: includes, extended services, overrides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from envgen import dotenv
from envgen.finding import EnvgenError
from envgen.lint.composefile import layers
from envgen.lint.composefile.files import ProjectFile, Reader, is_remote, replaced_routes
from envgen.lint.composefile.layers import Layer, MergeConflictError
from envgen.lint.composefile.model import Issue
from envgen.lint.composefile.variables import Interpolator, Note
from envgen.lint.place import Place
from envgen.source import Data, Route, Source

_SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")
_TALLEST = 200  # lines of a text in which a variable is looked for
_DEEPEST = 100  # includes and extends in each other; compose has no bound, and Python has one
_MOST_INCLUDES = 1_000  # of one project, those of included files among them


@dataclass
class Assembly:
    """One reading of a project; `is_strict` takes unknown variables for empty texts, as compose does.

    `issues` is what compose would refuse or warn of. `sources` are the files that were read, by path, `folders` what
    their relative paths are relative to. `is_partial`: something has to be fetched, so that it isn't all known.
    """

    reader: Reader
    is_strict: bool
    issues: list[Issue] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    has_unknown: bool = False
    is_partial: bool = False
    main: str = ""
    _includes: int = 0
    _replaced: dict[str, tuple[Route, ...]] = field(default_factory=dict)
    _noted: list[tuple[Source, list[Note]]] = field(default_factory=list)
    _interpolated: list[tuple[Source, ProjectFile, Layer]] = field(default_factory=list)

    def every_issue(self) -> tuple[Issue, ...]:
        """All issues: what interpolation stumbled over, then what didn't fit together."""
        noted = (_Finder(source, self._file(source)).issues(notes) for source, notes in self._noted)
        return (*(issue for issues in noted for issue in issues), *self.issues)

    def _file(self, source: Source) -> str | None:
        return None if source.path == self.main else source.path

    def files(self, sources: Sequence[Source], project: ProjectFile, included: tuple[str, ...] = ()) -> Layer:
        """The files laid over each other, the first one at the bottom."""
        first, *rest = sources
        whole = self._with_extends(self._included(first, project, included), project)
        for source in rest:
            layer = self._included(source, project, included)
            whole = layers.without(whole, self._replaced_routes(source))
            layer = self._with_extends(layer, project)
            if isinstance(layer.data, dict) and isinstance(whole.data, dict):
                whole = self._merged(whole, layer, ())
        return whole

    def _included(self, source: Source, project: ProjectFile, included: tuple[str, ...]) -> Layer:
        """A file with what it includes."""
        return self._with_includes(self._read(source, project), project, (*included, source.path))

    def _read(self, source: Source, project: ProjectFile) -> Layer:
        """A file with its variables replaced, once for each project it is part of."""
        for known, where, layer in self._interpolated:
            if known is source and where.environment is project.environment:
                return layer
        self.sources.setdefault(source.path, source)
        self.folders.setdefault(source.path, project.folder)
        data = source.data
        if "$" in source.text:
            interpolator = Interpolator(project.environment, is_strict=self.is_strict)
            data = interpolator.data(data)
            self.has_unknown |= interpolator.has_unknown
            if interpolator.notes:
                self._noted.append((source, interpolator.notes))
        layer = Layer(data, source, ())
        self._interpolated.append((source, project, layer))
        return layer

    def _replaced_routes(self, source: Source) -> tuple[Route, ...]:
        if source.path not in self._replaced:
            self._replaced[source.path] = replaced_routes(source)
        return self._replaced[source.path]

    def _merged(self, base: Layer, over: Layer, route: Route) -> Layer:
        try:
            return layers.merge(base, over, route)
        except MergeConflictError as conflict:
            name = ".".join(map(str, conflict.route))
            other = conflict.base.source
            place = "" if other is conflict.over.source else f" of {other.path}"
            self._issue(
                "merge-conflict",
                conflict.over,
                f"`{name}` is another kind of value than the one{place} that it is laid over",
                "write both as a map, or both as a list",
            )
            return over

    def _issue(self, kind: str, layer: Layer, message: str, hint: str | None, *, at_key: bool = False) -> None:
        line, column, width = layer.source.place(layer.route, at_key=at_key)
        self.issues.append(Issue(kind, Place(line, column, width, self._file(layer.source)), message, hint))

    # include

    def _with_includes(self, layer: Layer, project: ProjectFile, included: tuple[str, ...]) -> Layer:
        if not isinstance(layer.data, dict) or "include" not in layer.data:
            return layer
        entries = layer.child("include")
        if not isinstance(entries.data, list):
            return layer
        if not all(isinstance(entry, str | dict) for entry in entries.data):
            return layer
        for entry in entries.items():
            there = self._include(entry, project, included)
            if there is not None:
                layer = self._imported(there, layer)
        return layers.without(layer, [("include",)])

    def _include(self, entry: Layer, project: ProjectFile, included: tuple[str, ...]) -> Layer | None:
        settings = entry.data if isinstance(entry.data, dict) else {"path": entry.data}
        paths = settings.get("path")
        names = [one for one in (paths if isinstance(paths, list) else [paths]) if isinstance(one, str)]
        self._includes += 1
        if any(map(is_remote, names)) or len(included) > _DEEPEST or self._includes > _MOST_INCLUDES:
            self.is_partial = True
            return None
        tree = self.reader.tree
        sources = []
        for name in names:
            path = tree.join(project.folder, name)
            if path in included:
                chain = " -> ".join((*included, path))
                self._issue("include-broken", entry, f"files include each other: {chain}", "remove one of the includes")
                return None
            source = self._source(path, entry, "include-broken", f"the included file `{name}`")
            if source is None:
                return None
            sources.append(source)
        if not sources:
            return None
        folder = settings.get("project_directory")
        is_set = isinstance(folder, str) and folder
        base = tree.join(project.folder, str(folder)) if is_set else tree.beside(sources[0].path, ".")
        environment = self._environment_of(settings.get("env_file"), entry, base, project)
        return self.files(sources, ProjectFile(folder=base, environment=environment), included)

    def _source(self, path: str, asked_by: Layer, kind: str, what: str) -> Source | None:
        source = self.reader.source(path)
        if source is None:
            problem = "is a folder" if self.reader.tree.is_folder(path) else "is not there"
            self._issue(kind, asked_by, f"{what} {problem}: `{path}`", "a path is relative to the file that writes it")
        elif isinstance(source, EnvgenError):
            first = source.findings[0]
            self._issue(kind, asked_by, f"{what} can't be read: line {first.line}: {first.message}", None)
            return None
        elif source.problems:
            first = source.problems[0]
            self._issue(kind, asked_by, f"{what} has an error: line {first.line}: {first.message}", None)
        return source

    def _environment_of(self, env_file: Data, entry: Layer, folder: str, project: ProjectFile) -> dict[str, str]:
        """The variables of an included file: those of the project, then those of its own env files."""
        tree = self.reader.tree
        names = env_file if isinstance(env_file, list) else [env_file] if isinstance(env_file, str) else []
        paths = [tree.join(project.folder, name) for name in names if isinstance(name, str) and name != "/dev/null"]
        if not names:
            own = tree.join(folder, ".env")
            paths = [own] if tree.is_file(own) else []
        found: dict[str, str] = {}
        for path in paths:
            text = tree.text(path)
            if text is None:
                hint = "a path is relative to the folder of the file that includes"
                self._issue("include-broken", entry, f"the env file of this include is not there: `{path}`", hint)
                continue
            try:
                found = dotenv.parse(text, project.environment.get, found)
            except dotenv.DotenvError as error:
                self.issues.append(Issue("env-file-syntax", Place(error.line, file=path), error.reason))
        return {**found, **project.environment}

    def _imported(self, there: Layer, layer: Layer) -> Layer:
        """The sections of an included model under those of the file that includes it."""
        if not isinstance(there.data, dict):
            return layer
        for section in _SECTIONS:
            if not isinstance(there.data.get(section), dict):
                continue
            new = there.child(section)
            own = layer.entries().get(section)
            if own is None:
                layer = layer.replaced(section, new)
                continue
            if not isinstance(own.data, dict):
                continue
            parts = own.entries()
            for name, part in new.entries().items():
                parts[name] = self._merged(part, parts[name], (section, name)) if name in parts else part
            layer = layer.replaced(section, layers.of_map(parts, own))
        return layer

    # extends

    def _with_extends(self, layer: Layer, project: ProjectFile) -> Layer:
        services = layer.data.get("services") if isinstance(layer.data, dict) else None
        if not isinstance(services, dict):
            return layer
        if not any(isinstance(service, dict) and "extends" in service for service in services.values()):
            return layer
        section = layer.child("services")
        known: dict[tuple[str, str], Layer] = {}
        parts = {name: self._extended(name, section, project, known, ()) for name in services}
        return layer.replaced("services", layers.of_map(parts, section))

    def _extended(
        self,
        name: str,
        services: Layer,
        project: ProjectFile,
        known: dict[tuple[str, str], Layer],
        chain: tuple[tuple[str, str], ...],
    ) -> Layer:
        """A service with all that it extends; `chain` is what led here."""
        service = services.child(name)
        extends = service.data.get("extends") if isinstance(service.data, dict) else None
        wanted = extends.get("service") if isinstance(extends, dict) else extends
        if not isinstance(wanted, str):
            return service  # the schema says what is wrong
        own = (services.source.path, name)
        if own in known:
            return known[own]
        if len(chain) > _DEEPEST:
            self.is_partial = True
            return service
        if own in chain:
            steps = " -> ".join(one for _, one in (*chain, own))
            self._issue("extends-broken", service.child("extends"), f"services extend each other: {steps}", None)
            return service
        base = self._base(name, service, services, project, known, (*chain, own))
        result = layers.without(service, [("extends",)])
        if base is not None and isinstance(base.data, dict):
            routes = (route for route in self._replaced_routes(service.source) if route[:2] == ("services", name))
            base = layers.without(base, [route[2:] for route in routes])
            result = self._merged(base, result, ("services", name))
        known[own] = result
        return result

    def _base(
        self,
        name: str,
        service: Layer,
        services: Layer,
        project: ProjectFile,
        known: dict[tuple[str, str], Layer],
        chain: tuple[tuple[str, str], ...],
    ) -> Layer | None:
        """The service that one extends, itself extended, or None where there is none."""
        entry = service.child("extends")
        settings = entry.data if isinstance(entry.data, dict) else {"service": entry.data}
        wanted, file = settings.get("service"), settings.get("file")
        if not isinstance(wanted, str):
            return None
        folder = project
        if isinstance(file, str):
            if is_remote(file):
                self.is_partial = True
                return None
            path = self.reader.tree.join(project.folder, file)
            at = entry.child("file") if isinstance(entry.data, dict) else entry
            source = self._source(path, at, "extends-broken", f"the file `{file}` that `{name}` extends")
            if source is None:
                return None
            folder = ProjectFile(folder=self.reader.tree.beside(path, "."), environment=project.environment)
            whole = self._read(source, folder)
            found = whole.data.get("services") if isinstance(whole.data, dict) else None
            if not isinstance(found, dict):
                self._issue("extends-broken", at, f"the file `{file}` that `{name}` extends has no services", None)
                return None
            services = whole.child("services")
        if not isinstance(services.data, dict) or wanted not in services.data:
            where = f" in {file}" if isinstance(file, str) else ""
            at = entry.child("service") if isinstance(entry.data, dict) else entry
            message = f"`{name}` extends `{wanted}`, and there is no such service{where}"
            self._issue("extends-broken", at, message, None)
            return None
        return self._extended(wanted, services, folder, known, chain)


class _Finder:
    """Finds the very places of variables in a file."""

    def __init__(self, source: Source, file: str | None) -> None:
        self.source = source
        self.file = file
        self.lines = source.text.split("\n")

    def issues(self, notes: Iterable[Note]) -> Iterator[Issue]:
        """Notes about values as issues where their text stands, or else where the value does."""
        for note in notes:
            first, column, width = self.source.place(note.route)
            text = note.text.partition("\n")[0]
            line, start = first, self.lines[first - 1].find(text, column - 1)
            while start < 0 and line < min(len(self.lines), first + _TALLEST):
                line += 1
                start = self.lines[line - 1].find(text)
            found = (line, start + 1, len(text)) if start >= 0 else (first, column, width)
            place = Place(*found, file=self.file)
            yield Issue(note.kind, place, note.message, note.hint)
