from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_INSTEAD = {
    "links": "the services of a network find each other by name: remove it, and use `depends_on` for the order",
    "external_links": "join the network of the other project: `networks` with `external: true`",
    "volumes_from": "name the volume that both mount",
}


@compose_rule("EG273", "legacy-key", Severity.INFO, keys=("links", "external_links", "volumes_from"))
def check(compose: Compose) -> Iterator[Violation]:
    """A key from the time before containers had networks.

    `links`, `external_links` and `volumes_from` tie containers together in ways that newer keys do better: a link works
    in one direction and is lost with the container, `volumes_from` hands over everything that the other one mounts.

    Bad:

        services:
          web:
            image: web:1
            links: [db]
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
    for service in compose.services.values():
        for key, hint in _INSTEAD.items():
            if key in service.data:
                yield Violation(
                    place=service.place(key, at_key=True),
                    message=f"the service `{service.name}` uses the old key `{key}`",
                    hint=hint,
                )
