from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Mount, Service
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import blank_hint, enabled, near, others


@compose_rule("EG203", "undefined-volume", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service mounts a named volume that the file doesn't define.

    A source without a slash or dot in front is the name of a volume, and has to stand under the top-level
    `volumes:`, if only as a name without a value. Where a folder was meant, it starts with `./`.

    Bad:

        services:
          db:
            image: postgres:17
            volumes: ["data:/var/lib/postgresql/data"]

    Good:

        services:
          db:
            image: postgres:17
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data:
    """
    if compose.is_partial:
        return
    defined = compose.strict.section("volumes")
    users: dict[str, list[tuple[Service, Mount]]] = {}
    for service in enabled(compose).values():
        for mount in service.mounts:
            is_drive = not mount.is_long and len(mount.source) == 1 and mount.source.isalpha()
            if mount.type == "volume" and mount.source and mount.source not in defined and not is_drive:
                users.setdefault(mount.source, []).append((service, mount))
    for name, ((service, mount), *more) in users.items():
        yield Violation(
            place=service.place(*mount.route, *(("source",) if mount.is_long else ())),
            message=f"`{service.name}` mounts the volume `{name}`, which is not defined"
            if not any(one.name != service.name for one, _ in more)
            else f"`{service.name}`{others(len({one.name for one, _ in more} - {service.name}))} mount the volume "
            f"`{name}`, which is not defined",
            hint=blank_hint(service, *mount.route)
            or near(name, defined)
            or f"define it under `volumes:`, next to `services:`, or write `./{name}` for a folder",
        )
