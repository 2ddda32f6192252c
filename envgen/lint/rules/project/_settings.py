"""The variables that a service's container is started with, each with its value and place."""

from collections.abc import Mapping
from dataclasses import dataclass

from envgen.lint.composefile import Service
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rules.project._env_files import Entry, entries
from envgen.lint.rules.project._once import once_a_service
from envgen.source import Route

_NAMES_OF_PORTS = ("PORT", "ADDR", "LISTEN", "BIND", "SERVER", "ENDPOINT")


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable, of `environment` or of a file; `value` is None where the shell provides it.

    A value may hold a `$` where it isn't known in full.
    """

    name: str
    value: str | None
    where: Place | tuple[Service, Route]
    is_from_file: bool = False

    @property
    def place(self) -> Place:
        """Where it stands."""
        if isinstance(self.where, Place):
            return self.where
        service, route = self.where
        return service.place(*route)

    @property
    def known(self) -> str | None:
        """The value where all of it is known."""
        return None if self.value is None or "$" in self.value else self.value


@dataclass(frozen=True, slots=True)
class Settings:
    """A service's variables by name; `is_whole` unless a file of variables is not there or not known."""

    by_name: Mapping[str, Setting]
    is_whole: bool


@once_a_service
def files_of(project: Project, service: Service) -> dict[str, str | None]:
    """The texts of a service's `env_file` by path, in order; None for one that can't be read."""
    found: dict[str, str | None] = {}
    for one in service.env_files:
        source, _ = service.compose.origin(("services", service.name, *one.route))
        path = project.tree.beside(source.path, one.path)
        found[path] = None if "$" in one.path else project.tree.text(path)
    return found


@once_a_service
def settings_of(project: Project, service: Service) -> Settings:
    """The variables of a service: `environment` before every `env_file`, a later file before an earlier one."""
    found: dict[str, Setting] = {}
    is_whole = True
    for path, text in files_of(project, service).items():
        if text is None:
            is_whole = False
            continue
        for entry in entries(text, path):
            found[entry.name] = _from_file(entry)
    for one in service.environment:
        found[one.name] = Setting(one.name, one.value, (service, one.route))
    if any("$" in name or name == "<<" for name in found):
        is_whole = False
    return Settings(found, is_whole)


def _from_file(entry: Entry) -> Setting:
    return Setting(entry.name, entry.value, entry.place, is_from_file=True)


def port_may_be_hidden(settings: Settings) -> bool:
    """Whether a value that isn't known may name the port on which the program listens."""
    return not settings.is_whole or any(
        one.known is None and any(word in one.name.upper() for word in _NAMES_OF_PORTS)
        for one in settings.by_name.values()
    )
