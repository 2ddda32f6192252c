"""What a compose project says, frozen, with the origin of each value."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from envgen.lint.composefile import short_forms
from envgen.lint.composefile.short_forms import Build, Dependency, EnvFile, Mount, Port, Variable
from envgen.lint.place import Place
from envgen.source import Data, Route, Source


@dataclass(frozen=True, slots=True)
class Issue:
    """What loading found: `kind` is the name of the rule that reports it."""

    kind: str
    place: Place
    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Service:
    """A service after merging and extending; `data` holds compose's keys as written, interpolated where it is known.

    A variable that has neither a value in `.env` nor a default stays in the text as `${NAME}`.
    """

    name: str
    data: Mapping[str, Data]
    compose: "Compose" = field(repr=False, compare=False)

    def place(self, *route: str | int, at_key: bool = False) -> Place:
        """Where the value at a route inside of the service stands; without one, the service's name.

        That is in the main file if it is there, whatever overrides say about the service as well.
        """
        main = self.compose.sources[0]
        if not route and isinstance(main.data, dict) and self.name in short_forms.mapped(main.data.get("services")):
            return Place(*main.place(("services", self.name), at_key=True))
        return self.compose.place("services", self.name, *route, at_key=at_key or not route)

    @property
    def image(self) -> str | None:
        """The image as written, or None."""
        value = self.data.get("image")
        return value if isinstance(value, str) else None

    @cached_property
    def build(self) -> Build | None:
        """What `build` says, or None."""
        return short_forms.build(self.data.get("build"))

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """The entries of `ports`."""
        return tuple(short_forms.ports(self.data.get("ports")))

    @cached_property
    def mounts(self) -> tuple[Mount, ...]:
        """The entries of `volumes`."""
        return tuple(short_forms.mounts(self.data.get("volumes")))

    @cached_property
    def environment(self) -> tuple[Variable, ...]:
        """The entries of `environment`, without those of any `env_file`."""
        return tuple(short_forms.variables(self.data.get("environment")))

    @cached_property
    def depends_on(self) -> tuple[Dependency, ...]:
        """The entries of `depends_on`."""
        return tuple(short_forms.dependencies(self.data.get("depends_on")))

    @cached_property
    def env_files(self) -> tuple[EnvFile, ...]:
        """The entries of `env_file`."""
        return tuple(short_forms.env_files(self.data.get("env_file")))


@dataclass(frozen=True)
class Compose:
    """A compose file with what it overrides, includes and extends.

    `path` is the main file as shown to the user, `sources` every file that was read, the main one first. `data` is the
    merged model. `environment` is what interpolation knows (`.env`). `overlay_of` names the base file where this one is
    no project of its own but an overlay. `issues` are what loading stumbled over. `folders` says by file what relative
    paths in it are relative to, where that isn't the file's own folder. `is_partial`: some of it has to be fetched.
    `example_variables` are those that a `.env.example` beside the file declares, where any are not set.
    """

    path: str
    sources: tuple[Source, ...]
    data: Mapping[str, Data]
    origins: Mapping[Route, tuple[Source, Route]]
    environment: Mapping[str, str]
    issues: tuple[Issue, ...] = ()
    overlay_of: str | None = None
    folders: Mapping[str, str] = field(default_factory=dict)
    is_partial: bool = False
    example_variables: frozenset[str] = frozenset()
    blank: "Compose | None" = field(default=None, repr=False, compare=False)

    @property
    def strict(self) -> "Compose":
        """The project as compose takes it today: a variable that is not set is an empty text."""
        return self.blank or self

    @property
    def is_first_format(self) -> bool:
        """Whether this is the format of before `services:`, with the services at the top level."""
        data = self.sources[0].data
        if not isinstance(data, dict) or "services" in data or "include" in data:
            return False
        return any(isinstance(one, dict) and ("image" in one or "build" in one) for one in data.values())

    def folder(self, *route: str | int) -> str:
        """The folder that a relative path at a route is relative to, "." for the working directory."""
        source, _ = self.origin(route)
        return self.folders.get(source.path) or posixpath.dirname(source.path) or "."

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """The services that are maps, by name."""
        entries = short_forms.mapped(self.data.get("services"))
        return {name: Service(name, data, self) for name, data in entries.items() if isinstance(data, dict)}

    @cached_property
    def enabled(self) -> Mapping[str, Service]:
        """The services that compose looks at by default: those without profiles, and those of COMPOSE_PROFILES."""
        services = self.services
        if not any("profiles" in service.data for service in services.values()):
            return services
        active = {one.strip() for one in self.environment.get("COMPOSE_PROFILES", "").split(",")}
        return {name: one for name, one in services.items() if _is_enabled(one.data.get("profiles"), active)}

    @cached_property
    def service_keys(self) -> frozenset[str]:
        """Every key that some service has."""
        return frozenset(key for service in self.services.values() for key in service.data)

    def section(self, name: str) -> Mapping[str, Data]:
        """The entries of a top-level section such as `networks`; {} where it is missing or no map."""
        return short_forms.mapped(self.data.get(name))

    def origin(self, route: Route) -> tuple[Source, Route]:
        """The file that a value comes from, and its route there."""
        for length in range(len(route) if self.origins else -1, -1, -1):
            known = self.origins.get(route[:length])
            if known:
                return known[0], (*known[1], *route[length:])
        return self.sources[0], route

    def place(self, *route: str | int, at_key: bool = False) -> Place:
        """Where the value at a route stands, or its key; a route that leads nowhere has its nearest parent's place."""
        source, there = self.origin(route)
        file = None if source.path == self.path else source.path
        return Place(*source.place(there, at_key=at_key), file=file)

    def written(self, *route: str | int) -> Data:
        """The value at a route as it is written in its file, not interpolated; None where there is none."""
        source, there = self.origin(route)
        value = source.data
        for part in there:
            if isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value


def _is_enabled(profiles: Data, active: set[str]) -> bool:
    names = short_forms.listed(profiles)
    return not names or "*" in active or any(isinstance(name, str) and name in active for name in names)
