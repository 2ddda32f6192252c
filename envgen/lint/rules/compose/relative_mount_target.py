from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_WINDOWS = ("\\", ":")
_SHORTEST = 2  # one letter is a drive of Windows


@compose_rule("EG289", "relative-mount-target", Severity.WARNING, keys=("volumes",))
def check(compose: Compose) -> Iterator[Violation]:
    """A volume is mounted at a path in the container that isn't absolute.

    Compose takes it, but the engine refuses to make the container: "invalid mount path: mount path must be absolute".

    Bad:

        services:
          db:
            image: postgres:17
            volumes: ["data:var/lib/postgresql/data"]
        volumes:
          data: {}

    Good:

        services:
          db:
            image: postgres:17
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data: {}
    """
    for service in compose.services.values():
        for mount in service.mounts:
            target = mount.target
            if (
                len(target) < _SHORTEST
                or target[0] in "/$~"
                or "$" in target
                or any(sign in target for sign in _WINDOWS)
            ):
                continue
            if mount.type in {"volume", "bind", "tmpfs"} and mount.source:
                yield Violation(
                    place=service.place(*mount.route),
                    message=f"`{target}` is no absolute path in the container",
                    hint=f"write `/{target.removeprefix('./')}`",
                )
