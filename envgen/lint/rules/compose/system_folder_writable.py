from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._host_paths import Exposure, host_paths


@compose_rule(
    "EG284",
    "system-folder-writable",
    Severity.INFO,
    same_as=("compose-lint/CL-0025",),
    keys=("volumes", "secrets", "configs"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service keeps its files between those of the host's own programs.

    A folder made for an application below /etc, /root or Docker's own data is one typing error away from what the host
    runs as root, and backups and tools treat it as theirs. /srv, /opt or a named volume is the place for it.

    Bad:

        services:
          proxy:
            image: caddy:2
            volumes: ["/etc/shop/caddy:/config"]

    Good:

        services:
          proxy:
            image: caddy:2
            volumes: ["/srv/shop/caddy:/config"]
    """
    for service in compose.services.values():
        for mount in host_paths(service, Exposure.SYSTEM_FOLDER):
            yield Violation(
                place=mount.place,
                message=f"the service `{service.name}` can write to `{mount.path}`, between the host's own files",
                hint="use a folder below /srv or /opt, or a named volume",
            )
