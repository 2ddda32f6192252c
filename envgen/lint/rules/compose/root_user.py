import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import text_of
from envgen.lint.rule import Violation, compose_rule

_ZERO = re.compile(r"[+-]?0{1,20}")


@compose_rule(
    "EG242", "root-user", Severity.INFO, same_as=("compose-lint/CL-0018", "compose-auditor/SEC002"), keys=("user",)
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service asks for root, whatever user its image was made for.

    A hole in the program is then a hole in the whole container, and files that it writes to a bind mount belong to
    root. Often it was added to get around the owner of a volume: give the volume the right owner instead.

    Bad:

        services:
          app:
            image: app:1
            user: "0:0"

    Good:

        services:
          app:
            image: app:1
            user: "1000:1000"
    """
    for service in compose.services.values():
        if "user" not in service.data:
            continue
        written = (text_of(service.data.get("user")) or "").strip()
        user = written.partition(":")[0].lower()
        if (user == "root" or _ZERO.fullmatch(user)) and not _changes_owners(service):
            yield Violation(
                place=service.place("user"),
                message=f"the service `{service.name}` runs as root: `user: {written}`",
                hint="remove it, so that the image's user counts, or name one without privileges",
            )


def _changes_owners(service: Service) -> bool:
    """Whether the service is there to set owners, which takes root."""
    commands = f"{service.data.get('command', '')} {service.data.get('entrypoint', '')}"
    return "chown" in commands or "chmod" in commands
