from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete


@compose_rule(
    "EG252",
    "healthcheck-missing",
    Severity.INFO,
    same_as=("kics/Healthcheck Not Set", "compose-auditor/OPS002"),
    default=False,
)
def check(compose: Compose) -> Iterator[Violation]:
    """Nobody notices when a service that still runs has stopped working.

    `docker compose ps` shows it as up, `depends_on` can't wait for it, `up --wait` doesn't either. The image may bring
    a check of its own, so this rule is off unless selected.

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            healthcheck:
              test: [CMD, curl, -fsS, http://localhost:8080/health]
    """
    for service in complete(compose):
        if "healthcheck" not in service.data:
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` has no health check of its own",
                hint="write a `healthcheck` with a `test` that fails when it doesn't work",
            )
