from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG282", "bind-mount-writable", Severity.INFO, same_as=("compose-auditor/VOL001",), default=False, keys=("volumes",)
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service can change files of the host.

    For data and for hot reload that is what the mount is for, so this rule is off unless selected; configuration and
    certificates are only read and can be mounted `:ro`.

    Bad:

        services:
          web:
            image: nginx:1.27
            volumes: ["./nginx.conf:/etc/nginx/nginx.conf"]

    Good:

        services:
          web:
            image: nginx:1.27
            volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
    """
    for service in compose.services.values():
        if "volumes" not in service.data:
            continue
        for mount in service.mounts:
            if mount.type == "bind" and not mount.read_only:
                yield Violation(
                    place=service.place(*mount.route),
                    message=f"the service `{service.name}` can change `{mount.source}` of the host",
                    hint="mount it with `:ro` where it is only read",
                )
