import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule

_COLON = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:[^=]*")


@compose_rule("EG276", "environment-entry-without-equals", Severity.WARNING, keys=("environment",))
def check(compose: Compose) -> Iterator[Violation]:
    """A list entry with a colon in place of `=` sets nothing.

    `- NAME:value` is one word to YAML, so compose looks for a variable of that whole name in your shell, finds none and
    goes on without a word.

    Bad:

        services:
          app:
            image: app:1
            environment:
              - LOG_LEVEL:debug

    Good:

        services:
          app:
            image: app:1
            environment:
              - LOG_LEVEL=debug
    """
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for index, item in enumerate(listed(service.data.get("environment"))):
            if isinstance(item, str) and "=" not in item and _COLON.fullmatch(item):
                name = item.partition(":")[0]
                yield Violation(
                    place=service.place("environment", index),
                    message=f"`{name}` of the service `{service.name}` isn't set: its entry has a `:` in place of `=`",
                    hint=f"write `{name}=...`",
                )
