from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled


@compose_rule(
    "EG221",
    "duplicate-container-name",
    Severity.ERROR,
    same_as=("dclint/no-duplicate-container-names",),
    keys=("container_name",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """Two services want the same container name.

    The name of a container is unique on a host, so the second service could never start, and compose refuses the
    file. Without `container_name` compose finds names that don't clash, also with other checkouts.

    Bad:

        services:
          web:
            image: web:1
            container_name: shop
          worker:
            image: worker:1
            container_name: shop

    Good:

        services:
          web:
            image: web:1
            container_name: shop-web
          worker:
            image: worker:1
            container_name: shop-worker
    """
    taken: dict[str, str] = {}
    for service in enabled(compose).values():
        name = service.data.get("container_name")
        if not isinstance(name, str) or not name:
            continue
        first = taken.setdefault(name, service.name)
        if first != service.name:
            yield Violation(
                place=service.place("container_name"),
                message=f"the container name `{name}` is the one of `{first}` already",
                hint="remove it, or choose another one",
            )
