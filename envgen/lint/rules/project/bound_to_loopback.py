from collections.abc import Iterator, Mapping

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import Image, built, image_of
from envgen.lint.rules.project._commands import Command, command_of
from envgen.lint.rules.project._listening import in_mounts, in_sources
from envgen.lint.rules.project._loopback import bound, tells_to_stay_inside
from envgen.lint.rules.project._references import named_services
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
    named = {one.other.name for one in named_services(project)}
    for service in project.compose.services.values():
        image = image_of(project, service)
        if service.data.get("network_mode") is not None:
            continue
        if not (service.ports or image.exposed or service.name in named):
            continue
        yield from _configured(project, service, image)
        command = command_of(service, image)
        settings = settings_of(project, service)
        if command is not None and settings.is_whole:
            own = {name: one.value for name, one in settings.by_name.items()}
            yield from _check(project, image, command, {**image.environment, **own}, service)


def _configured(project: Project, service: Service, image: Image) -> Iterator[Violation]:
    """What variables and mounted configurations say."""
    for setting in settings_of(project, service).by_name.values():
        if tells_to_stay_inside(setting.name, setting.known):
            yield _violation(setting.place, f"`{setting.name}` tells the program to listen on `{setting.known}`")
    if image.root is not None and image.root.name.endswith(("nginx", "nginx-unprivileged")):
        for one in in_mounts(project, service):
            yield _violation(one.place, f"nginx is told to listen on `{one.address}`")


def _check(
    project: Project,
    image: Image,
    command: Command | None,
    values: Mapping[str, str | None],
    service: Service | None = None,
) -> Iterator[Violation]:
    if command is None:
        return
    if found := bound(command.words, values, lambda: _beside(project, image)):
        yield _violation(command.place, found.reason, found.instead)
    for one in in_sources(project, image.link, service, command.words) if image.link else ():
        reason = "`app.run()` listens on 127.0.0.1 unless it is told an address" if one.by_default else None
        yield _violation(one.place, reason or f"the program listens on `{one.address}`")


def _violation(place: Place, reason: str, instead: str = "0.0.0.0") -> Violation:  # noqa: S104 - this is advice for a container
    return Violation(
        place=place,
        message=f"{reason}: nobody outside of the container can connect to it",
        hint=f"make it listen on all addresses of the container: `{instead}`",
    )


def _beside(project: Project, image: Image) -> Mapping[str, str]:
    """The files of the build's context, or beside the Dockerfile: the texts of those that a server may read."""
    link, tree = image.link, project.tree
    if link is None:
        return {}
    folder = link.context
    if folder is None and link.dockerfile_path:
        folder = tree.beside(link.dockerfile_path, ".")
    if folder is None:
        return {}
    names = tree.names(folder)
    return {
        name: (tree.text(tree.join(folder, name)) or "") if ".config." in name or name == "package.json" else ""
        for name in names
    }
