from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import is_true


@compose_rule(
    "EG253", "healthcheck-disabled", Severity.INFO, same_as=("kics/Healthcheck Not Set",), keys=("healthcheck",)
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service switches off the health check of its image.

    From then on Docker says "running" however broken the service is. When the image's check doesn't fit, write one that
    does.

    Bad:

        services:
          web:
            image: web:1
            healthcheck: {disable: true}

    Good:

        services:
          web:
            image: web:1
            healthcheck: {test: [CMD, /app/check]}
    """
    for service in compose.services.values():
        healthcheck = mapped(service.data.get("healthcheck")) if "healthcheck" in service.data else {}
        key = "disable" if is_true(healthcheck.get("disable")) else "test"
        if key == "disable" or healthcheck.get("test") in (["NONE"], "NONE"):
            yield Violation(
                place=service.place("healthcheck", key),
                message=f"the service `{service.name}` runs without the health check of its image",
                hint="write a `test` that fits",
            )
