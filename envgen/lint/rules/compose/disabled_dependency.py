from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import dependencies, enabled, is_optional


@compose_rule("EG229", "disabled-dependency", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service needs another one that only a profile switches on.

    Without that profile compose refuses the whole file, because the dependency is required and not part of the
    project. Give both the same profiles, or none, or mark the dependency with `required: false`.

    Bad:

        services:
          web:
            image: web:1
            depends_on: [mail]
          mail:
            image: mail:1
            profiles: [debug]

    Good:

        services:
          web:
            image: web:1
            depends_on:
              mail:
                condition: service_started
                required: false
          mail:
            image: mail:1
            profiles: [debug]
    """
    active = enabled(compose)
    services = compose.strict.services
    for service in active.values():
        for name, route in dependencies(service).items():
            if name in services and name not in active and not is_optional(service, name):
                yield Violation(
                    place=service.place(*route, at_key=True),
                    message=f"`{service.name}` depends on `{name}`, which only a profile switches on",
                    hint=f"give `{service.name}` the same profiles, or write `required: false`",
                )
