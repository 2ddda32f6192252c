from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._as_it_is import runs_as_it_is
from envgen.lint.rules.project._images import reference
from envgen.lint.rules.project._official import official
from envgen.lint.rules.project._ports import mentions, published
from envgen.lint.rules.project._settings import port_may_be_hidden, settings_of


@project_rule("EG349", "image-port-mismatch", Severity.WARNING, keys=("ports",))
def check(project: Project) -> Iterator[Violation]:
    """A published port leads to a container port on which the image doesn't listen.

    Nothing in the file tells the program to use another port than its image's own, so connections to the host's port
    are accepted and then closed. The host's port stands to the left, the container's to the right.

    Bad:

        services:
          web:
            image: nginx:1.30
            ports: ["8080:8080"]

    Good:

        services:
          web:
            image: nginx:1.30
            ports: ["8080:80"]
    """
    if project.compose is None:
        return
    for service in project.compose.services.values():
        facts = official(reference(service.image)) if service.ports and service.data.get("build") is None else None
        if facts is None or not facts.ports or not runs_as_it_is(service, facts):
            continue
        targets = list(published(service))
        if any(number in facts.ports for one in targets for number in one.container):
            continue
        settings = settings_of(project, service)
        values = [one.value for one in settings.by_name.values()]
        if port_may_be_hidden(settings):
            continue
        for one in targets:
            number = one.container[0]
            if one.port.protocol == "tcp" and not mentions(number, *values):
                ports = ", ".join(str(port) for port in sorted(facts.ports)[:3])
                yield Violation(
                    place=service.place(*one.port.route),
                    message=f"`{service.name}` publishes container port {number}, but {facts.name} listens on {ports}",
                    hint=f"write `{one.port.published or number}:{min(facts.ports)}`",
                )
