from collections.abc import Iterator

from envgen.compose_conflicts import disagreeing, excluding, in_sections
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled


@compose_rule("EG219", "conflicting-keys", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """Two keys of a service contradict each other.

    Some keys exclude each other, as `network_mode` and `networks`, and some say the same thing in two places and
    must agree, as `scale` and `deploy.replicas`. Compose refuses the file rather than choose.

    Bad:

        services:
          web:
            image: web:1
            network_mode: host
            networks: [front]
        networks:
          front:

    Good:

        services:
          web:
            image: web:1
            networks: [front]
        networks:
          front:
    """
    for service in enabled(compose).values():
        for key, message in (*excluding(service.data), *disagreeing(service.data)):
            yield Violation(
                place=service.place(*key, at_key=True),
                message=f"`{service.name}`: {message}",
                hint="remove one of them",
            )
    for route, message in in_sections(compose.strict.data):
        yield Violation(place=compose.strict.place(*route, at_key=True), message=message, hint="remove one of them")
