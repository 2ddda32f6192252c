from collections.abc import Iterator, Mapping

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import dependencies, enabled, near


@compose_rule("EG201", "undefined-service", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service refers to a service that the project doesn't have.

    `depends_on`, `links`, `volumes_from` and `network_mode: service:...` name services of the same project. Compose
    refuses the whole file when there is no such service, also where the dependency is marked as not required.

    Bad:

        services:
          web:
            image: web:1
            depends_on: [database]
          db:
            image: postgres:17

    Good:

        services:
          web:
            image: web:1
            depends_on: [db]
          db:
            image: postgres:17
    """
    if compose.is_partial:
        return
    services = compose.strict.services
    for service in enabled(compose).values():
        for name, route in dependencies(service).items():
            if name not in services:
                yield Violation(
                    place=service.place(*route, at_key=True),
                    message=f"`{service.name}` depends on `{name}`, and there is no such service",
                    hint=near(name, services),
                )
        yield from _contexts(service, services)


def _contexts(service: Service, services: Mapping[str, Service]) -> Iterator[Violation]:
    """The additional contexts of a build that are other services: they have to be there, and to be built."""
    contexts = mapped(service.data.get("build")).get("additional_contexts")
    pairs: list[tuple[str | int, str, str]] = [(name, name, str(value)) for name, value in mapped(contexts).items()]
    for at, item in enumerate(listed(contexts)):
        name, _, value = str(item).partition("=")
        pairs.append((at, name, value))
    for key, name, value in pairs:
        if not value.startswith("service:"):
            continue
        other = services.get(value.removeprefix("service:"))
        if other is None or "build" not in other.data:
            problem = "and there is no such service" if other is None else "which is not built"
            yield Violation(
                place=service.place("build", "additional_contexts", key),
                message=f"the build context `{name}` of `{service.name}` is `{value}`, {problem}",
            )
