from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import Image, image_of
from envgen.lint.rules.project._official import official
from envgen.lint.rules.project._ports import declared, mentions, numbers, published


@project_rule("EG356", "expose-behind-command", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """EXPOSE names another port, or protocol, than the service publishes.

    Where the image's command uses the published one, it works all the same, for EXPOSE opens nothing; but
    `docker run -P`, proxies that look for containers and people go by it.

    Bad:

        --- compose.yaml
        services:
          web:
            build: .
            ports: ["5000:5000"]
        --- Dockerfile
        FROM python:3.13
        EXPOSE 8000
        CMD ["flask", "run", "--host=0.0.0.0", "--port=5000"]

    Good:

        --- compose.yaml
        services:
          web:
            build: .
            ports: ["5000:5000"]
        --- Dockerfile
        FROM python:3.13
        EXPOSE 5000
        CMD ["flask", "run", "--host=0.0.0.0", "--port=5000"]
    """
    for link in project.builds:
        service = link.service
        if service is None or not service.ports or "EXPOSE" not in (link.parsed.names if link.parsed else ()):
            continue
        image = image_of(project, service)
        is_scratch = link.base == "scratch"
        if (official(image.root) is None and not is_scratch) or any(not numbers(text) for text, _ in image.exposed):
            continue
        yield from _udp(service, image)
        exposed = {number: one for text, one in image.exposed for number in numbers(text)}
        if not exposed or exposed.keys() & declared(service) or service.data.get("command") or link.is_inline:
            continue
        said = [one.text for one in (image.command, image.entrypoint) if one]
        facts = official(image.root)
        known = facts.ports_of(image.root) if facts and image.root else frozenset[int]()
        given = [
            one.container[0]
            for one in published(service)
            if mentions(one.container[0], *said) or one.container[0] in known
        ]
        for number in given[:1]:
            wrong, instruction = next(iter(exposed.items()))
            if not mentions(wrong, *said):
                yield Violation(
                    place=link.place(instruction, str(wrong)),
                    message=f"EXPOSE says {wrong}, but the image listens on {number}, which `{service.name}` publishes",
                    hint=f"write `EXPOSE {number}`",
                )


def _udp(service: Service, image: Image) -> Iterator[Violation]:
    """Ports that are published for UDP only, where EXPOSE says TCP by saying nothing."""
    said = {(text or "").lower() for text, _ in image.exposed}
    given = [one for one in published(service) if len(one.container) == 1]
    by_tcp = {one.container[0] for one in given if one.port.protocol.lower() != "udp"}
    for one in given:
        number = one.container[0]
        if number in by_tcp or one.port.protocol.lower() != "udp":
            continue
        if said & {str(number), f"{number}/tcp"} and f"{number}/udp" not in said:
            yield Violation(
                place=service.place(*one.port.route),
                message=f"`{service.name}` publishes container port {number} for udp, but its Dockerfile exposes "
                "it for tcp",
                hint=f"publish it for tcp, or write `EXPOSE {number}/udp`",
            )
