from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import texts

_INSECURE = frozenset({"exec", "suid", "dev"})


@compose_rule("EG264", "tmpfs-exec", Severity.INFO, same_as=("compose-lint/CL-0022",), keys=("tmpfs", "volumes"))
def check(compose: Compose) -> Iterator[Violation]:
    """A tmpfs allows programs or setuid files, which Docker forbids by default.

    Docker mounts a tmpfs with noexec, nosuid and nodev. With `exec` it becomes the place where an intruder puts a
    program, all the more where the rest is read-only.

    Bad:

        services:
          web:
            image: web:1
            tmpfs: ["/tmp:exec,size=64m"]

    Good:

        services:
          web:
            image: web:1
            tmpfs: ["/tmp:size=64m"]
    """
    for service in compose.services.values():
        if "tmpfs" not in service.data:
            continue
        value = service.data.get("tmpfs")
        entries = [((), value)] if isinstance(value, str) else [((index,), text) for index, text in texts(value)]
        for route, entry in entries:
            path, _, options = entry.partition(":")
            found = [option for option in options.split(",") if option.strip() in _INSECURE]
            if found:
                yield Violation(
                    place=service.place("tmpfs", *route),
                    message=f"the tmpfs `{path}` of the service `{service.name}` allows {', '.join(found)}",
                    hint="remove the option unless the program starts something from there",
                )
