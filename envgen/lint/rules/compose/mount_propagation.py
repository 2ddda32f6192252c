from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_SPREADING = frozenset({"shared", "rshared"})


@compose_rule(
    "EG265",
    "mount-propagation",
    Severity.INFO,
    same_as=("compose-lint/CL-0017", "kics/Volume Mounted In Multiple Containers"),
    keys=("volumes",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """Mounts spread between a container and the host.

    With `shared` what the container mounts appears on the host, where other containers and programs use it. Only what
    mounts file systems for others (FUSE, storage drivers) needs it; the default is `rprivate`, and who has to see later
    mounts of the host can do with `rslave`.

    Bad:

        services:
          web:
            image: web:1
            volumes: ["/srv/data:/data:shared"]

    Good:

        services:
          web:
            image: web:1
            volumes: ["/srv/data:/data:ro"]
    """
    for service in compose.services.values():
        if "volumes" not in service.data:
            continue
        for mount in service.mounts:
            for option in mount.options:
                mode = option.removeprefix("propagation=").strip().lower()
                if mode in _SPREADING:
                    yield Violation(
                        place=service.place(*mount.route),
                        message=f"mounts below `{mount.target}` spread between the service `{service.name}` and the "
                        f"host (`{mode}`)",
                        hint="remove it: the default `rprivate` keeps them apart",
                    )
