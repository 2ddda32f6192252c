from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG266",
    "volume-shared",
    Severity.INFO,
    same_as=("kics/Shared Volumes Between Containers",),
    default=False,
    keys=("volumes",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """Several services can write to one volume.

    Whoever breaks into one of them can change what the others read. Often that is what the volume is for (a web server
    and what it serves), so this rule is off unless selected; the readers can mount it `:ro`.

    Bad:

        services:
          app:
            image: app:1
            volumes: ["media:/media"]
          web:
            image: nginx:1.27
            volumes: ["media:/media"]
        volumes:
          media:

    Good:

        services:
          app:
            image: app:1
            volumes: ["media:/media"]
          web:
            image: nginx:1.27
            volumes: ["media:/media:ro"]
        volumes:
          media:
    """
    writers: dict[str, list[str]] = {}
    mounted = [
        (service, mount)
        for service in compose.services.values()
        if "volumes" in service.data
        for mount in service.mounts
        if mount.source and not mount.read_only
    ]
    for service, mount in mounted:
        names = writers.setdefault(mount.source, [])
        if service.name not in names:
            names.append(service.name)
    for service, mount in mounted:
        names = writers[mount.source]
        if len(names) > 1 and names[0] != service.name:
            yield Violation(
                place=service.place(*mount.route),
                message=f"the service `{service.name}` can write to `{mount.source}`, as `{names[0]}` can",
                hint="mount it with `:ro` where it is only read",
            )
