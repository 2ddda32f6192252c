from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import text_of
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._addresses import Address, networks_of
from envgen.lint.rules.project._built import image_of
from envgen.lint.rules.project._official import Official, official
from envgen.lint.rules.project._ports import built_in, declared
from envgen.lint.rules.project._references import addresses_of
from envgen.lint.rules.project._settings import Setting


@project_rule("EG339", "localhost-between-services", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """A service looks for a database in its own container.

    `localhost` in a container is that container, not the host and not its neighbour: the connection is refused. The
    database of this project is reached by its service's name.

    Bad:

        services:
          api:
            image: acme/api:1
            environment:
              DATABASE_URL: postgres://app@localhost:5432/app
          db:
            image: postgres:17

    Good:

        services:
          api:
            image: acme/api:1
            environment:
              DATABASE_URL: postgres://app@db:5432/app
          db:
            image: postgres:17
    """
    if project.compose is None:
        return
    services = project.compose.services.values()
    stores = [(one, facts) for one in services if (facts := official(image_of(project, one).root)) and facts.is_store]
    for service in services if stores else ():
        if networks_of(service) is None:
            continue
        own = declared(service) | built_in(image_of(project, service))
        seen: set[str] = set()
        for setting, address in addresses_of(project, service):
            if not address.is_loopback or setting.name in seen or (address.port in own):
                continue
            found = [one for one in stores if one[0].name != service.name and _means(setting, address, one[1])]
            if not found or any(_shares(service, other) for other, _ in found):
                continue
            seen.add(setting.name)
            other, facts = found[0]
            yield Violation(
                place=setting.place,
                message=f"`{setting.name}` of `{service.name}` looks for {facts.name} at `{address.text}`, which is "
                "its own container",
                hint=f"write `{other.name}` for `{address.host}`",
            )


def _means(setting: Setting, address: Address, facts: Official) -> bool:
    """Whether an address is that of a store: by its scheme, or by its port and the variable's name."""
    scheme = address.scheme.removeprefix("jdbc:").partition("+")[0]
    if scheme in facts.schemes:
        return address.port is None or address.port in facts.ports
    words = set(setting.name.lower().split("_"))
    if "advertised" in words or "listeners" in words or scheme:
        return False
    return bool(words & facts.variables) and (address.port is None or address.port in facts.ports)


def _shares(service: Service, other: Service) -> bool:
    """Whether the other one lives in this one's network."""
    return text_of(other.data.get("network_mode")) in {f"service:{service.name}", "host"}
