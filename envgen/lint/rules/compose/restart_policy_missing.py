from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete


@compose_rule("EG254", "restart-policy-missing", Severity.INFO, same_as=("compose-auditor/OPS001",), default=False)
def check(compose: Compose) -> Iterator[Violation]:
    """A service stays down after a crash or a restart of the host.

    Compose's default is not to start it again. For development and for one-off tasks that is right, so this rule is off
    unless selected; write `restart: "no"` where it is meant.

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            restart: unless-stopped
    """
    for service in complete(compose):
        if "restart" not in service.data and "restart_policy" not in mapped(service.data.get("deploy")):
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` isn't started again when it ends",
                hint='write `restart: unless-stopped`, or `restart: "no"` where that is meant',
            )
