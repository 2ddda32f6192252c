from collections.abc import Iterator
from pathlib import PurePosixPath

from envgen.finding import Severity
from envgen.lint.composefile import Mount, Service
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import image_of
from envgen.lint.rules.project._official import Official, official
from envgen.lint.rules.project._settings import settings_of

_OTHER_USES = ("init", "backup", "dump", "conf", "log", "script", "import", "export", "cert", "ssl", "seed", "restore")


@project_rule("EG350", "image-data-path", Severity.WARNING, keys=("volumes",))
def check(project: Project) -> Iterator[Violation]:
    """A volume is mounted where the database's image doesn't keep its data.

    The data goes to an anonymous volume instead and is gone for the next container; the volume that was meant for it
    stays empty. PostgreSQL's image has moved its data in version 18, and refuses to start with the old path.

    Bad:

        services:
          db:
            image: postgres:17
            volumes: [data:/var/lib/postgresql]
        volumes:
          data:

    Good:

        services:
          db:
            image: postgres:17
            volumes: [data:/var/lib/postgresql/data]
        volumes:
          data:
    """
    if project.compose is None:
        return
    for service in project.compose.services.values():
        image = image_of(project, service) if service.mounts else None
        facts = official(image.root) if image else None
        if image is None or image.root is None or facts is None or not facts.data:
            continue
        path = facts.data_path(image.root)
        if not path or _is_told_otherwise(project, service, facts, image.environment.keys()):
            continue
        targets = [_clean(mount.target) for mount in service.mounts]
        if any("$" in target or _is_inside(target, path) for target in targets):
            is_old = facts.data_since is not None and path == facts.data_since[1]
            targets = [target for target in targets if is_old and target == facts.data]
            if not targets:
                continue
        for mount in service.mounts:
            if _is_meant_for_data(mount, path, facts):
                name = image.root.text
                yield Violation(
                    place=service.place(*mount.route),
                    message=f"`{service.name}` has a volume at `{mount.target}`, but `{name}` keeps its data "
                    f"in `{path}`",
                    hint=f"mount it at `{path}`",
                )


def _is_told_otherwise(project: Project, service: Service, facts: Official, built: object) -> bool:
    """Whether a variable or a command may name another path."""
    if any(service.data.get(key) is not None for key in ("command", "entrypoint", "extends", "volumes_from", "tmpfs")):
        return True
    settings = settings_of(project, service)
    names = settings.by_name.keys()
    in_image = isinstance(built, dict) and facts.data_setting in built
    return not settings.is_whole or (bool(facts.data_setting) and (facts.data_setting in names or in_image))


def _clean(path: str) -> str:
    return "/" + path.strip("/")


def _is_inside(target: str, path: str) -> bool:
    """Whether a mount holds the data, or a part of it."""
    return target == path or target.startswith(f"{path}/")


def _is_meant_for_data(mount: Mount, path: str, facts: Official) -> bool:
    target = _clean(mount.target)
    if mount.read_only or "$" in target or target == path or mount.type not in {"bind", "volume"} or not mount.source:
        return False
    if facts.data_since is not None and target == facts.data:
        return True
    if path.startswith(f"{target}/"):
        return True
    parts = PurePosixPath(target).parts[1:]
    if mount.type != "volume" or any(word in target for word in _OTHER_USES):
        return False
    return bool(parts) and parts[-1] in facts.names
