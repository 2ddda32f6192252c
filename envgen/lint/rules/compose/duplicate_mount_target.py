import posixpath
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled
from envgen.source import Route


@compose_rule("EG220", "duplicate-mount-target", Severity.ERROR, keys=("volumes", "tmpfs", "configs", "secrets"))
def check(compose: Compose) -> Iterator[Violation]:
    """Two mounts of a service want the same path in the container.

    A `tmpfs` and a volume, or two forms of the same path, would hide each other; compose refuses the file. Of
    volumes that are written in exactly the same way compose silently takes the last one.

    Bad:

        services:
          web:
            image: web:1
            tmpfs: [/cache]
            volumes: ["./cache:/cache"]

    Good:

        services:
          web:
            image: web:1
            tmpfs: [/tmp]
            volumes: ["./cache:/cache"]
    """
    for service in enabled(compose).values():
        if "tmpfs" not in service.data and not any(mount.is_long for mount in service.mounts):
            continue
        tmpfs = service.data.get("tmpfs")
        items = {item.partition("=")[0]: (at, item) for at, item in enumerate(listed(tmpfs)) if isinstance(item, str)}
        mounted: list[tuple[str, Route]] = [(item.partition(":")[0], ("tmpfs", at)) for at, item in items.values()]
        if isinstance(tmpfs, str):
            mounted.append((tmpfs.partition(":")[0], ("tmpfs",)))
        volumes = {mount.target if mount.is_long else _clean(mount.target): mount for mount in service.mounts}
        mounted += [(_clean(mount.target), mount.route) for mount in volumes.values() if mount.target]
        taken: set[str] = set()
        for target, route in mounted:
            if target in taken:
                yield Violation(
                    place=service.place(*route), message=f"`{service.name}` mounts something on `{target}` twice"
                )
            taken.add(target)


def _clean(path: str) -> str:
    return posixpath.normpath(path) if path else path
