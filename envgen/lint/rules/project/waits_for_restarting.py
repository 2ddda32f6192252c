from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile.short_forms import text_of
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule

_AGAIN = {"always", "unless-stopped"}


@project_rule("EG336", "waits-for-restarting", Severity.WARNING, keys=("depends_on",))
def check(project: Project) -> Iterator[Violation]:
    """A service waits for the end of another that is restarted whenever it ends.

    With `restart: always` or `unless-stopped` Docker starts a finished container again at once, even after success, so
    `service_completed_successfully` may never come true, and the job runs over and over.

    Bad:

        services:
          api:
            image: acme/api:1
            depends_on:
              migrate: {condition: service_completed_successfully}
          migrate:
            image: acme/api:1
            command: [migrate]
            restart: always

    Good:

        services:
          api:
            image: acme/api:1
            depends_on:
              migrate: {condition: service_completed_successfully}
          migrate:
            image: acme/api:1
            command: [migrate]
            restart: on-failure
    """
    if project.compose is None:
        return
    services = project.compose.services
    for service in services.values():
        for dependency in service.depends_on:
            other = services.get(dependency.service)
            if other is None or dependency.condition != "service_completed_successfully":
                continue
            restart = text_of(other.data.get("restart"))
            if restart in _AGAIN:
                yield Violation(
                    place=service.place(*dependency.route, at_key=True),
                    message=f"`{service.name}` waits until `{other.name}` has completed, but `restart: {restart}` "
                    "starts it again each time",
                    hint=f"give `{other.name}` `restart: on-failure` or none",
                )
