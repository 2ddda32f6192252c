from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._host_paths import Exposure, host_paths


@compose_rule(
    "EG232",
    "host-root-writable",
    Severity.WARNING,
    same_as=(
        "compose-lint/CL-0025",
        "compose-auditor/SEC004",
        "kics/Volume Has Sensitive Host Directory",
    ),
    keys=("volumes", "secrets", "configs"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A writable mount of a system folder of the host is root on the host.

    A file in /etc/cron.d, a program in /usr/local/bin, a key in /root/.ssh, another container's files below
    /var/lib/docker: whoever writes there is root at the next chance. What only has to be read is mounted `:ro`.

    Bad:

        services:
          backup:
            image: backup:1
            volumes: ["/etc:/source"]

    Good:

        services:
          backup:
            image: backup:1
            volumes: ["/srv/data:/source:ro"]
    """
    for service in compose.services.values():
        for mount in host_paths(service, Exposure.HOST_ROOT):
            yield Violation(
                place=mount.place,
                message=f"the service `{service.name}` can write to `{mount.path}` of the host, and so become its root",
                hint="mount it with `:ro`, or only the files that it needs",
            )
