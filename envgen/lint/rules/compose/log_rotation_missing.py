from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule


@compose_rule("EG257", "log-rotation-missing", Severity.INFO, keys=("logging",))
def check(compose: Compose) -> Iterator[Violation]:
    """The log of a service grows until the disk is full.

    Docker's `json-file` driver keeps everything unless `max-size` is set. `local` rotates by itself. Only services that
    choose the driver are looked at: for the others the engine's own configuration may hold a limit.

    Bad:

        services:
          web:
            image: web:1
            logging: {driver: json-file}

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
        logging = mapped(service.data.get("logging"))
        if logging.get("driver") == "json-file" and "max-size" not in mapped(logging.get("options")):
            yield Violation(
                place=service.place("logging", "driver"),
                message=f"the log of the service `{service.name}` grows without a limit",
                hint="write `options: {max-size: 10m, max-file: 3}`, the values quoted, or use the driver `local`",
            )
