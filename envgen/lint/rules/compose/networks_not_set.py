from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete


@compose_rule("EG272", "networks-not-set", Severity.INFO, same_as=("kics/Networks Not Set",), default=False)
def check(compose: Compose) -> Iterator[Violation]:
    """A service is in the default network, where every other service reaches it.

    With networks of their own only those talk that have to: the web server needn't reach the database. Small projects
    do without, so this rule is off unless selected.

    Bad:

        services:
          db:
            image: postgres:17

    Good:

        services:
          db:
            image: postgres:17
            networks: [backend]
        networks:
          backend:
    """
    for service in complete(compose):
        if "networks" not in service.data and "network_mode" not in service.data:
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` is in the default network",
                hint="name its `networks`",
            )
