from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import listed, mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled


@compose_rule("EG225", "healthcheck-test-form", Severity.ERROR, keys=("healthcheck",))
def check(compose: Compose) -> Iterator[Violation]:
    """The list of a healthcheck's test doesn't start with how to run it.

    In list form the first item is `CMD` (run the rest as it is), `CMD-SHELL` (give the rest to a shell) or `NONE`
    (no check); compose refuses anything else. A plain text is run by a shell.

    Bad:

        services:
          db:
            image: postgres:17
            healthcheck:
              test: ["pg_isready", "-U", "app"]

    Good:

        services:
          db:
            image: postgres:17
            healthcheck:
              test: ["CMD", "pg_isready", "-U", "app"]
    """
    for service in enabled(compose).values():
        test = listed(mapped(service.data.get("healthcheck")).get("test"))
        if test and isinstance(test[0], str) and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
            yield Violation(
                place=service.place("healthcheck", "test", 0),
                message=f"the healthcheck of `{service.name}` starts with `{test[0]}` instead of `CMD` or `CMD-SHELL`",
                hint="put `CMD` in front of it",
            )
