from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._commands import OPERATORS


@compose_rule("EG277", "healthcheck-without-shell", Severity.WARNING, keys=("healthcheck",))
def check(compose: Compose) -> Iterator[Violation]:
    """A health check that can't succeed, or doesn't check what it says, since no shell reads it.

    After `CMD` each item is one argument: a whole line is the name of a program that doesn't exist, `||` is an argument
    like any other. After `CMD-SHELL` only the first item is run.

    Bad:

        services:
          web:
            image: web:1
            healthcheck:
              test: [CMD, curl, -f, http://localhost, "||", exit, "1"]

    Good:

        services:
          web:
            image: web:1
            healthcheck:
              test: [CMD-SHELL, "curl -f http://localhost || exit 1"]
    """
    for service in compose.services.values():
        if "healthcheck" not in service.data:
            continue
        test = [text_of(item) or "" for item in listed(mapped(service.data.get("healthcheck")).get("test"))]
        problem = _problem(test)
        if problem:
            yield Violation(
                place=service.place("healthcheck", "test"),
                message=f"the health check of the service `{service.name}` {problem}",
                hint='write `test: [CMD-SHELL, "..."]` with the whole line as one item',
            )


def _problem(test: list[str]) -> str | None:
    match test:
        case ["CMD-SHELL", first, _, *_]:
            return f"runs `{first}` only: the items after it are no part of the line"
        case ["CMD", line] if " " in line.strip() and not line.startswith("/"):
            return f"starts a program called `{line}`: after `CMD` each argument is an item"
        case ["CMD", *rest]:
            found = next((word for word in rest if word in OPERATORS), None)
            return f"hands `{found}` to the program: after `CMD` no shell reads it" if found else None
        case _:
            return None
