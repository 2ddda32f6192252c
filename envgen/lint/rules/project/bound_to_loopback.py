from collections.abc import Iterator, Mapping

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import Image, built, image_of
from envgen.lint.rules.project._commands import Command, command_of
from envgen.lint.rules.project._loopback import bound
from envgen.lint.rules.project._settings import settings_of


@project_rule("EG340", "bound-to-loopback", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """A server listens on its container's loopback address only.

    127.0.0.1 in a container is reached from inside of it alone: neither a published port nor another service gets
    through. That is what many development servers do unless they are told an address.

    Bad:

        --- Dockerfile
        FROM python:3.13
        EXPOSE 8000
        CMD ["python", "manage.py", "runserver"]

    Good:

        --- Dockerfile
        FROM python:3.13
        EXPOSE 8000
        CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]
    """
    if project.compose is None:
        for link in project.builds:
            image = built(link)
            if image.exposed:
                yield from _check(project, image, command_of(None, image), image.environment)
        return
    for service in project.compose.services.values():
        image = image_of(project, service)
        command = command_of(service, image)
        if command is None or not _is_reached(service, image):
            continue
        settings = settings_of(project, service)
        if settings.is_whole:
            own = {name: one.value for name, one in settings.by_name.items()}
            yield from _check(project, image, command, {**image.environment, **own})


def _is_reached(service: Service, image: Image) -> bool:
    if service.data.get("network_mode") is not None:
        return False
    return bool(service.ports or image.exposed)


def _check(
    project: Project, image: Image, command: Command | None, values: Mapping[str, str | None]
) -> Iterator[Violation]:
    if command is None:
        return
    if found := bound(command.words, values, lambda: _beside(project, image)):
        yield Violation(
            place=command.place,
            message=f"{found.reason}: nobody outside of the container can connect to it",
            hint=f"make it listen on all addresses of the container: `{found.instead}`",
        )


def _beside(project: Project, image: Image) -> tuple[str, ...]:
    """The names of the files that lie in the build's context, or beside the Dockerfile."""
    link = image.link
    if link is None:
        return ()
    if link.context is not None:
        return project.tree.names(link.context)
    return project.tree.names(project.tree.beside(link.dockerfile_path, ".")) if link.dockerfile_path else ()
