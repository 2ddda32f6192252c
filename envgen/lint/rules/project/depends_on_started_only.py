from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._health import has_healthcheck


@project_rule("EG335", "depends-on-started-only", Severity.INFO, keys=("depends_on",))
def check(project: Project) -> Iterator[Violation]:
    """A service doesn't wait for the healthcheck that its dependency has.

    `depends_on` in its short form waits until the other container has been started, not until the program in it
    answers: the first connections may fail. There is a healthcheck to wait for.

    Bad:

        services:
          api:
            image: acme/api:1
            depends_on: [db]
          db:
            image: postgres:17
            healthcheck:
              test: [CMD, pg_isready, -U, postgres]

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
            other = services.get(dependency.service)
            if dependency.is_short and other and has_healthcheck(project, other):
                yield Violation(
                    place=service.place(*dependency.route),
                    message=f"`{service.name}` starts after `{other.name}`, but doesn't wait until it is healthy",
                    hint=f"write `{other.name}: {{condition: service_healthy}}`",
                )
