from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete


@compose_rule("EG283", "logging-not-set", Severity.INFO, same_as=("compose-auditor/OPS003",), default=False)
def check(compose: Compose) -> Iterator[Violation]:
    """A service logs however the engine happens to be set up.

    On an engine as it is installed that is `json-file` without a limit: the disk fills. Off unless selected, since many
    limit it for the whole engine (`log-opts` in daemon.json).

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            logging: {driver: local}
    """
    for service in complete(compose):
        if "logging" not in service.data:
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` doesn't say where its log goes, nor how large it gets",
                hint="write `logging: {driver: local}`",
            )
