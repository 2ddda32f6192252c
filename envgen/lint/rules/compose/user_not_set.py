from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete


@compose_rule("EG243", "user-not-set", Severity.INFO, same_as=("compose-auditor/SEC002",), default=False)
def check(compose: Compose) -> Iterator[Violation]:
    """A service leaves its user to the image, which is most often root.

    Written down, the user holds whatever the image says, and a reader sees it. Images that switch the user by
    themselves (postgres, redis) don't need it, so this rule is off unless selected.

    Bad:

        services:
          app:
            image: app:1

    Good:

        services:
          app:
            image: app:1
            user: "1000:1000"
    """
    for service in complete(compose):
        if "user" not in service.data:
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` runs as whatever user its image names, most often root",
                hint='write `user: "1000:1000"`, or another without privileges',
            )
