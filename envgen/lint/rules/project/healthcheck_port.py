from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.project import Project, in_dockerfile
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import Image, built, image_of
from envgen.lint.rules.project._official import official
from envgen.lint.rules.project._ports import built_in, declared, may_be_configured, mentions, numbers, published
from envgen.lint.rules.project._probes import probed
from envgen.lint.rules.project._settings import settings_of


@project_rule("EG352", "healthcheck-port", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """A healthcheck asks at a port on which its container doesn't listen.

    It never succeeds: the container is unhealthy for ever, and whoever waits for it waits in vain. A healthcheck runs
    inside of the container, where the port on the host means nothing.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
            ports: ["8080:3000"]
            healthcheck:
              test: curl -f http://localhost:8080/health
        --- Dockerfile
        FROM node:24
        EXPOSE 3000

    Good:

        --- compose.yaml
        services:
          api:
            build: .
            ports: ["8080:3000"]
            healthcheck:
              test: curl -f http://localhost:3000/health
        --- Dockerfile
        FROM node:24
        EXPOSE 3000
    """
    for service in project.compose.services.values() if project.compose else ():
        test = mapped(service.data.get("healthcheck")).get("test")
        if isinstance(test, str | list):
            for port in probed(test):
                if found := _listens(project, service, port):
                    yield Violation(
                        place=service.place("healthcheck", "test"),
                        message=f"the healthcheck of `{service.name}` asks at port {port}, but {found}",
                        hint="ask at the port on which the program listens in its container",
                    )
    for link in project.builds:
        yield from _of_dockerfile(built(link))


def _listens(project: Project, service: Service, port: int) -> str:
    """Why nothing answers at a port; "" where something may."""
    image = image_of(project, service)
    own = declared(service) | built_in(image)
    if port in own or not own or service.data.get("network_mode") is not None:
        return ""
    settings = settings_of(project, service)
    values = [setting.value for setting in settings.by_name.values()]
    command = (str(service.data.get("command") or ""), str(service.data.get("entrypoint") or ""))
    if not settings.is_whole or mentions(port, image.text, *values, *command, *image.environment.values()):
        return ""
    if may_be_configured(port, project, service):
        return ""
    for one in published(service):
        if port in one.host:
            return f"{port} is its port on the host: it listens on {one.container[one.host.index(port)]}"
    facts = official(image.root)
    is_known = facts is not None and (bool(image.exposed) or (bool(facts.ports) and not image.is_local))
    if not is_known or any(not numbers(text) for text, _ in image.exposed):
        return ""
    return f"it listens on {', '.join(str(one) for one in sorted(own)[:4])}"


def _of_dockerfile(image: Image) -> Iterator[Violation]:
    check = image.healthcheck
    file = image.link.parsed if image.link else None
    if check is None or file is None or image.link is None or image.link.dockerfile_path is None or not image.exposed:
        return
    own = built_in(image)
    if official(image.root) is None or any(not numbers(text) for text, _ in image.exposed):
        return
    for port in probed(check.rest):
        if port not in own and not mentions(port, image.text, *image.environment.values()):
            yield Violation(
                place=in_dockerfile(file.place(check, str(port)), file.path),
                message=f"the healthcheck asks at port {port}, but the image exposes "
                f"{', '.join(str(one) for one in sorted(own)[:4])}",
                hint="ask at the port on which the program listens, or correct EXPOSE",
            )
