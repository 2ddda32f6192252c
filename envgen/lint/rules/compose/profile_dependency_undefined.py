from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import dependencies, enabled, near


@compose_rule("EG288", "profile-dependency-undefined", Severity.WARNING)
def check(compose: Compose) -> Iterator[Violation]:
    """A service with a profile refers to a service that the project doesn't have.

    Nobody notices as long as the profile is off: compose looks at the services in use only. With `--profile` it refuses
    the whole file.

    Bad:

        services:
          api:
            image: acme/api:1
          tests:
            image: acme/tests:1
            profiles: [test]
            depends_on: [app]

    Good:

        services:
          api:
            image: acme/api:1
          tests:
            image: acme/tests:1
            profiles: [test]
            depends_on: [api]
    """
    if compose.is_partial:
        return
    services, active = compose.strict.services, enabled(compose)
    for name, service in services.items():
        if name in active:
            continue
        for other, route in dependencies(service).items():
            if other not in services and "$" not in other:
                yield Violation(
                    place=service.place(*route, at_key=True),
                    message=f"`{name}` depends on `{other}`, and there is no such service",
                    hint=near(other, services),
                )
