from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete, is_true


@compose_rule(
    "EG241",
    "root-filesystem-writable",
    Severity.INFO,
    same_as=("compose-lint/CL-0007", "semgrep/writable-filesystem-service"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """An intruder can change the container's own programs.

    With a read-only root file system nothing can be planted; what the program has to write goes to a `tmpfs` or a
    volume, which also shows where its state is. `docker diff` lists what it writes.

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            read_only: true
            tmpfs: [/tmp]
    """
    for service in complete(compose):
        if not is_true(service.data.get("read_only")):
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` can write to its root file system",
                hint="write `read_only: true`, with a `tmpfs` for what it has to write",
            )
