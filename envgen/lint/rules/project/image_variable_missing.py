from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import Image, image_of
from envgen.lint.rules.project._official import official
from envgen.lint.rules.project._settings import settings_of


@project_rule("EG351", "image-variable-missing", Severity.WARNING, keys=("image",))
def check(project: Project) -> Iterator[Violation]:
    """A database's image lacks the variable without which it doesn't start.

    With an empty data folder the image's entrypoint stops with an error unless it is given a password, or told that
    none is wanted.

    Bad:

        services:
          db:
            image: postgres:17

    Good:

        services:
          db:
            image: postgres:17
            environment:
              POSTGRES_PASSWORD_FILE: /run/secrets/db_password
            secrets: [db_password]
        secrets:
          db_password: {file: ./secrets/db_password}
    """
    if project.compose is None:
        return
    for service in project.compose.services.values():
        image = image_of(project, service)
        facts = official(image.root)
        if facts is None or not facts.requires or _may_be_filled(project, service):
            continue
        settings = settings_of(project, service)
        if not settings.is_whole or image.root is None or not facts.is_demanding(image.root):
            continue
        for group in facts.requires:
            if not any(_is_given(project, service, image, name) for name in group):
                yield Violation(
                    place=service.place(),
                    message=f"`{service.name}` has none of the variables that {facts.name} wants: `{group[0]}`",
                    hint=f"set `{group[0]}` or `{group[1]}`",
                )


def _is_given(project: Project, service: Service, image: Image, name: str) -> bool:
    """Whether a variable has a value, or may get one from a file or a variable that people fill in."""
    setting = settings_of(project, service).by_name.get(name)
    if setting is None:
        return bool(image.environment.get(name, "") != "") or _is_mentioned_beside(project, name)
    if setting.is_from_file or setting.value != "":
        return True
    entry = next(one for one in service.environment if one.name == name)
    return "$" in str(service.compose.written("services", service.name, *entry.route))


def _is_mentioned_beside(project: Project, name: str) -> bool:
    """Whether another compose file of the folder sets it: the two may be meant for use together."""
    for other in project.tree.names(project.folder):
        path = project.tree.join(project.folder, other)
        is_own = project.compose is None or any(path == source.path for source in project.compose.sources)
        if not is_own and other.endswith((".yml", ".yaml")) and name in (project.tree.text(path) or ""):
            return True
    return False


def _may_be_filled(project: Project, service: Service) -> bool:
    """Whether the container may find its data already there, or doesn't run the image's own entrypoint."""
    if any(service.data.get(key) is not None for key in ("command", "entrypoint", "extends", "volumes_from")):
        return True
    volumes = project.compose.section("volumes") if project.compose else {}
    return any(mapped(volumes.get(mount.source)).get("external") for mount in service.mounts)
