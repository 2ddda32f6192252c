from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled, names, near, others
from envgen.source import Route


@compose_rule("EG202", "undefined-network", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service joins a network that the file doesn't define.

    Every network but `default` has to stand under the top-level `networks:`, if only as a name without a value;
    compose refuses the file otherwise.

    Bad:

        services:
          web:
            image: web:1
            networks: [front]

    Good:

        services:
          web:
            image: web:1
            networks: [front]
        networks:
          front:
    """
    if compose.is_partial:
        return
    defined = compose.strict.section("networks")
    users: dict[str, list[tuple[Service, Route]]] = {}
    for service in enabled(compose).values():
        for name, route in names(service.data.get("networks"), ("networks",)):
            if name not in defined and name != "default":
                users.setdefault(name, []).append((service, route))
    for name, ((service, route), *more) in users.items():
        yield Violation(
            place=service.place(*route, at_key=True),
            message=f"`{service.name}`{others(len(more))} {'use' if more else 'uses'} the network `{name}`, which is "
            "not defined",
            hint=near(name, defined) or "define it under `networks:`, next to `services:`",
        )
