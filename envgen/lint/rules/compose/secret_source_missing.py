from collections.abc import Iterator, Mapping

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.source import Data


@compose_rule("EG224", "secret-source-missing", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A secret or config doesn't say where it comes from.

    A secret needs a `file` or an `environment` variable, a config one of these or its `content`, unless it is
    external; compose refuses the file otherwise.

    Bad:

        services:
          web:
            image: web:1
            secrets: [token]
        secrets:
          token:
            name: shop-token

    Good:

        services:
          web:
            image: web:1
            secrets: [token]
        secrets:
          token:
            environment: TOKEN
    """
    for section, keys in (("secrets", ("file", "environment")), ("configs", ("file", "environment", "content"))):
        for name, entry in compose.strict.section(section).items():
            if not isinstance(entry, dict) or any(key in entry for key in keys) or "external" in entry:
                is_empty = section == "secrets" and isinstance(entry, dict) and _is_blank(entry, keys)
            else:
                is_empty = section == "secrets" or "driver" not in entry
            if is_empty:
                yield Violation(
                    place=compose.strict.place(section, name, at_key=True),
                    message=f"`{section}.{name}` does not say where it comes from",
                    hint=f"write one of `{'`, `'.join(keys)}`",
                )


def _is_blank(entry: Mapping[str, Data], keys: tuple[str, ...]) -> bool:
    """Whether it is there in name only: a variable that is not set."""
    return not entry.get("external") and not any(entry.get(key) for key in keys)
