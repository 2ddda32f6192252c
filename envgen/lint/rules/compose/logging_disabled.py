from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped, text_of
from envgen.lint.rule import Violation, compose_rule


@compose_rule("EG256", "logging-disabled", Severity.INFO, same_as=("compose-lint/CL-0014",), keys=("logging",))
def check(compose: Compose) -> Iterator[Violation]:
    """Nothing that a service says is kept.

    With the driver `none` there is no `docker compose logs`, no trace of a crash and none of a break-in. To save disk
    space limit the log instead.

    Bad:

        services:
          web:
            image: web:1
            logging: {driver: none}

    Good:

        services:
          web:
            image: web:1
            logging:
              driver: json-file
              options: {max-size: 10m, max-file: "3"}
    """
    for service in compose.services.values():
        if "logging" not in service.data:
            continue
        if (text_of(mapped(service.data.get("logging")).get("driver")) or "").lower() == "none":
            yield Violation(
                place=service.place("logging", "driver"),
                message=f"the logs of the service `{service.name}` are thrown away",
                hint="use another driver, with a limit: `max-size: 10m`, `max-file: 3`",
            )
