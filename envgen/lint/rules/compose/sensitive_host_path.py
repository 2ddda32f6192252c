from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._host_paths import Exposure, host_paths


@compose_rule(
    "EG234",
    "sensitive-host-path",
    Severity.INFO,
    same_as=(
        "compose-lint/CL-0013",
        "compose-auditor/SEC004",
        "kics/Volume Has Sensitive Host Directory",
    ),
    keys=("volumes", "secrets", "configs"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A container sees files of the host that say much about it.

    Read-only system folders, /sys, /dev, runtime state below /run and whole home folders disclose configuration,
    devices and credentials. Monitoring needs some of them; everything else is better off with a volume of its own.

    Bad:

        services:
          web:
            image: nginx:1.27
            volumes: ["/etc:/host/etc:ro"]

    Good:

        services:
          web:
            image: nginx:1.27
            volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro", "/etc/localtime:/etc/localtime:ro"]
    """
    for service in compose.services.values():
        for mount in host_paths(service, Exposure.DISCLOSURE):
            yield Violation(
                place=mount.place,
                message=f"the service `{service.name}` sees the host's `{mount.path}`",
                hint="mount only the files that it needs, with `:ro`, or a named volume",
            )
