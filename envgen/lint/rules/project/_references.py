"""Which service's variables name which other service, and how."""

from collections.abc import Iterator
from dataclasses import dataclass

from envgen.lint.composefile import Service
from envgen.lint.project import Project
from envgen.lint.rules.project._addresses import Address, addresses, is_for_browsers, names_of
from envgen.lint.rules.project._once import once, once_a_service
from envgen.lint.rules.project._settings import Setting, settings_of

_HOSTS = ("HOSTNAME", "HOST", "SERVER", "ADDRESS", "ADDR")


@dataclass(frozen=True, slots=True)
class Named:
    """An address in a variable of `service` that leads to the service `other`."""

    service: Service
    other: Service
    setting: Setting
    address: Address


@once
def named_services(project: Project) -> Iterator[Named]:
    """Every address in a service's variables that leads to exactly one other service of the project."""
    compose = project.compose
    if compose is None:
        return
    names = names_of(compose)
    for service in compose.services.values():
        for setting, address in (*addresses_of(project, service), *_in_two(project, service)):
            found = names.get(address.host, set())
            if len(found) == 1 and service.name not in found:
                yield Named(service, compose.services[next(iter(found))], setting, address)


@once_a_service
def addresses_of(project: Project, service: Service) -> tuple[tuple[Setting, Address], ...]:
    """The addresses in a service's variables, but for those that are for browsers."""
    return tuple(
        (setting, address)
        for setting in settings_of(project, service).by_name.values()
        if setting.value and not is_for_browsers(setting.name)
        for address in addresses(setting.name, setting.value)
    )


def _in_two(project: Project, service: Service) -> Iterator[tuple[Setting, Address]]:
    """The addresses whose port has a variable of its own: `DB_HOST` and `DB_PORT`. They stand where the port does."""
    settings = settings_of(project, service).by_name
    for setting, address in addresses_of(project, service):
        for word in _HOSTS:
            if setting.name.endswith(word) and address.port is None:
                port = settings.get(f"{setting.name.removesuffix(word)}PORT")
                if port is not None and port.known is not None and port.known.isdecimal():
                    yield port, Address(address.host, int(port.known), address.scheme)
                break
