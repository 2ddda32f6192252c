import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._commands import OPERATORS, program, words
from envgen.source import Data

_JOINS = frozenset({"cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh", "ssh", "watch"})  # these run the rest
_QUOTED = re.compile(r"\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|\$\([^)]*\)|\$\{[^}]*\}", re.DOTALL)
_OPERATOR = re.compile(r"[;&|<>]+")


@compose_rule("EG278", "shell-operator-in-command", Severity.WARNING, keys=("command", "entrypoint"))
def check(compose: Compose) -> Iterator[Violation]:
    """A command holds a shell operator, but no shell reads it.

    Compose splits a text into words and stops at the first `&&`, `|`, `;` or `>` outside of quotes: the rest is dropped
    without a word. In a list the operator is an argument like any other. Say `sh -c "..."` where a shell is meant.

    Bad:

        services:
          app:
            image: app:1
            command: npm run migrate && npm start

    Good:

        services:
          app:
            image: app:1
            command: sh -c "npm run migrate && exec npm start"
    """
    for service in compose.services.values():
        for key in ("entrypoint", "command"):
            if key not in service.data:
                continue
            problem = _problem(service.data.get(key))
            if problem:
                yield Violation(
                    place=service.place(key),
                    message=f"the {key} of the service `{service.name}` {problem}",
                    hint='write `sh -c "..."` around it, or quote what is meant as text',
                )


def _problem(value: Data) -> str | None:
    """What becomes of an operator; as go-shellwords, with which compose splits, has it."""
    if isinstance(value, str):
        if not _OPERATOR.search(value):
            return None
        found = _OPERATOR.search(_QUOTED.sub(lambda quoted: "x" * len(quoted[0]), value))
        return f"ends before `{found[0]}`: compose drops the rest" if found else None
    if not isinstance(value, list) or program(value) in _JOINS:
        return None
    operator = next((word for word in words(value) if word in OPERATORS), None)
    return f"hands `{operator}` to the program as an argument" if operator else None
