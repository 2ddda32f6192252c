from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import Image, image_of
from envgen.lint.rules.project._official import official
from envgen.lint.rules.project._ports import Published, declared, may_be_configured, mentions, numbers, published
from envgen.lint.rules.project._settings import port_may_be_hidden, settings_of


@project_rule("EG333", "expose-port-mismatch", Severity.WARNING, keys=("ports",))
def check(project: Project) -> Iterator[Violation]:
    """A published port leads to a container port that the image's Dockerfile doesn't expose.

    EXPOSE says what the program listens on. Where a service publishes only other ports, connections to the host's port
    are accepted by Docker and then closed: nothing listens behind it.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
            ports: ["8080:8080"]
        --- Dockerfile
        FROM node:24
        EXPOSE 3000

    Good:

        --- compose.yaml
        services:
          api:
            build: .
            ports: ["8080:3000"]
        --- Dockerfile
        FROM node:24
        EXPOSE 3000
    """
    if project.compose is None:
        return
    for service in project.compose.services.values():
        image = image_of(project, service) if service.ports and service.build else None
        exposed = _exposed(image) if image else set()
        targets = declared(service)
        if image is None or not exposed:
            continue
        yield from _protocols(service, image)
        for one in published(service):
            number = one.container[0]
            if exposed & targets and not _is_meant_for_another(one, exposed - targets):
                continue
            if number not in exposed and not _is_said_elsewhere(number, project, service, image):
                ports = ", ".join(str(port) for port in sorted(exposed)[:5])
                yield Violation(
                    place=service.place(*one.port.route),
                    message=f"`{service.name}` publishes container port {number}, but its Dockerfile exposes {ports}",
                    hint="publish the port that the program listens on, or correct EXPOSE",
                )


def _exposed(image: Image) -> set[int]:
    """All ports that the image may listen on; none where that isn't known for sure."""
    facts = official(image.root)
    is_scratch = image.link is not None and image.link.base == "scratch"
    is_known = facts is not None or is_scratch
    if not is_known or not image.exposed or any(not numbers(text) for text, _ in image.exposed):
        return set()
    own = {number for text, _ in image.exposed for number in numbers(text)}
    return own | facts.ports_of(image.root) if facts and image.root else own


def _is_meant_for_another(one: Published, left: set[int]) -> bool:
    """Whether the host's port is one that the image exposes and nobody publishes: a slip between the two sides."""
    return len(one.host) == len(one.container) == 1 and one.host[0] in left


def _protocols(service: Service, image: Image) -> Iterator[Violation]:
    """Ports that are exposed for UDP only, and published for TCP only."""
    said = [(text or "").lower() for text, _ in image.exposed]
    exposed = {number for text in said if text.endswith("/udp") for number in numbers(text)}
    exposed -= {number for text in said if not text.endswith("/udp") for number in numbers(text)}
    given = list(published(service)) if exposed else []
    exposed -= {number for one in given if one.port.protocol.lower() == "udp" for number in one.container}
    for one in given:
        if one.container[0] in exposed:
            yield Violation(
                place=service.place(*one.port.route),
                message=f"`{service.name}` publishes container port {one.container[0]} for tcp, but its Dockerfile "
                f"exposes {one.container[0]}/udp",
                hint="add `/udp` to the port",
            )


def _is_said_elsewhere(number: int, project: Project, service: Service, image: Image) -> bool:
    """Whether a variable or a command names the port: then the program is told to listen on it."""
    settings = settings_of(project, service)
    values = [setting.value for setting in settings.by_name.values()]
    command = [str(service.data.get("command") or ""), str(service.data.get("entrypoint") or "")]
    texts = (image.text, *values, *command, *image.environment.values())
    is_hidden = port_may_be_hidden(settings)
    return is_hidden or mentions(number, *texts) or may_be_configured(number, project, service)
