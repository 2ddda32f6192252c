from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._addresses import networks_of


@project_rule("EG348", "internal-network-port", Severity.INFO, keys=("ports",))
def check(project: Project) -> Iterator[Violation]:
    """A service publishes a port, but all its networks are internal.

    Docker publishes no port of a container that is on internal networks only: nothing answers on the host.

    Bad:

        services:
          db:
            image: postgres:17
            networks: [back]
            ports: ["127.0.0.1:5432:5432"]
        networks:
          back: {internal: true}

    Good:

        services:
          db:
            image: postgres:17
            networks: [back, host]
            ports: ["127.0.0.1:5432:5432"]
        networks:
          back: {internal: true}
          host:
    """
    if project.compose is None:
        return
    networks = project.compose.section("networks")
    internal = {name for name, network in networks.items() if mapped(network).get("internal") is True}
    for service in project.compose.services.values() if internal else ():
        own = networks_of(service)
        if service.ports and own and own <= internal:
            yield Violation(
                place=service.place("ports", at_key=True),
                message=f"`{service.name}` publishes ports, but is on internal networks only",
                hint="put it on a network that isn't internal, too, or remove `ports`",
            )
