import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._host_paths import Exposure, host_paths

_PROXY = re.compile(r"socket-?proxy|docker-?proxy", re.IGNORECASE)


@compose_rule(
    "EG231",
    "docker-socket-mounted",
    Severity.WARNING,
    same_as=(
        "compose-lint/CL-0001",
        "compose-auditor/SEC003",
        "kics/Docker Socket Mounted In Container",
        "semgrep/exposing-docker-socket-volume",
    ),
    keys=("volumes", "secrets", "configs"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A container that reaches the engine's socket can do on the host whatever root can.

    It can start a privileged container that mounts the host's root. `:ro` doesn't help: it protects the socket's file,
    not the API behind it. Folders that hold such a socket (`/`, `/var`, `/run`) give it away as well. A socket proxy,
    which is there to let only some calls through, may have it.

    Bad:

        services:
          proxy:
            image: traefik:3.2
            volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]

    Good:

        services:
          proxy:
            image: traefik:3.2
            environment: {DOCKER_HOST: "tcp://socket-proxy:2375"}
          socket-proxy:
            image: tecnativa/docker-socket-proxy:0.3
            volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
            networks: [internal]
        networks:
          internal: {internal: true}
    """
    for service in compose.services.values():
        if _PROXY.search(service.image or ""):
            continue
        for mount in host_paths(service, Exposure.SOCKET):
            verb = "is" if mount.path.endswith((".sock", "systemd/private")) else "holds"
            yield Violation(
                place=mount.place,
                message=f"the service `{service.name}` mounts `{mount.path}`, which {verb} a control socket",
                hint="let it talk to a socket proxy that allows only the calls it needs, or do without",
            )
