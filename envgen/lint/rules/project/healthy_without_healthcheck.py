from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._health import has_healthcheck


@project_rule("EG334", "healthy-without-healthcheck", Severity.WARNING, keys=("depends_on",))
def check(project: Project) -> Iterator[Violation]:
    """A service waits for another to be healthy that has no healthcheck.

    Neither the compose file nor the image's Dockerfile has one, so the container never becomes healthy: `docker compose
    up` stops with "container ... has no healthcheck configured".

    Bad:

        services:
          api:
            image: acme/api:1
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:17

    Good:

        services:
          api:
            image: acme/api:1
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:17
            healthcheck:
              test: [CMD, pg_isready, -U, postgres]
    """
    if project.compose is None:
        return
    services = project.compose.services
    for service in services.values():
        for dependency in service.depends_on:
            other = services.get(dependency.service) if dependency.required else None
            if dependency.condition == "service_healthy" and other and has_healthcheck(project, other) is False:
                yield Violation(
                    place=service.place(*dependency.route, at_key=True),
                    message=f"`{service.name}` waits until `{other.name}` is healthy, which has no healthcheck",
                    hint=f"give `{other.name}` a `healthcheck`, or wait for `service_started`",
                )
