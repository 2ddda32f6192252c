from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_NAMESPACES = {
    "pid": "the processes of the host: it can see and signal them, and read their memory",
    "ipc": "the shared memory of the host",
    "userns_mode": "the user ids of the host, even where the engine maps them",
}


@compose_rule(
    "EG245",
    "host-namespace",
    Severity.WARNING,
    same_as=(
        "compose-lint/CL-0010",
        "kics/Host Namespace is Shared",
        "kics/Shared Host IPC Namespace",
        "kics/Shared Host User Namespace",
    ),
    keys=("pid", "ipc", "userns_mode"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service shares processes, shared memory or user ids with the host.

    The wall between a container and the host is its namespaces; with `pid: host` it sees every command line of the
    host, with `ipc: host` the shared memory of its databases.

    Bad:

        services:
          agent:
            image: agent:1
            pid: host

    Good:

        services:
          agent:
            image: agent:1
            pid: "service:app"
          app:
            image: app:1
    """
    for service in compose.services.values():
        for key, what in _NAMESPACES.items():
            if service.data.get(key) == "host":
                yield Violation(
                    place=service.place(key),
                    message=f"the service `{service.name}` shares {what}",
                    hint=f"remove `{key}: host`, or share it with one other service only",
                )
