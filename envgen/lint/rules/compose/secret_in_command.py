import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._commands import split, words
from envgen.lint.rules.compose._secrets import is_secret
from envgen.lint.rules.compose._shipped import Shipped, shipped
from envgen.source import Data

_CANDIDATE = re.compile(r"pass|secret|token|key|credential|_pwd|_dsn|auth|-p", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_FLAG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_SHELL_FLAG = re.compile(r"-[a-z]{0,4}c")
_FLAG_NAMES = frozenset({"REQUIREPASS", "MASTERAUTH"})
_GLUED = re.compile(r"-p[^-\s].*", re.DOTALL)
_MYSQL = re.compile(r"(?:mysql|mariadb-)(?:admin|check|dump|sh|show)?|mariadb")
_PATHS = ("/", "./", "../", "~/")


@compose_rule("EG261", "secret-in-command", Severity.WARNING, same_as=("compose-lint/CL-0020",))
def check(compose: Compose) -> Iterator[Violation]:
    """A password or key is an argument of a command.

    Every process of the container and of the host can read the command line of others, `docker inspect` and the logs
    of the orchestrator show it, and the file's readers have it as well.

    Bad:

        services:
          cache:
            image: redis:7.4
            command: redis-server --requirepass hunter2

    Good:

        services:
          cache:
            image: redis:7.4
            command: sh -c 'exec redis-server --requirepass "$$(cat /run/secrets/redis)"'
            secrets: [redis]
        secrets:
          redis: {file: ./secrets/redis}
    """
    for service in compose.services.values():
        for route in (("command",), ("entrypoint",), ("healthcheck", "test")):
            if route[0] not in service.data:
                continue
            raw = compose.written("services", service.name, *route)
            if _CANDIDATE.search(str(raw)) is None:
                continue
            if route[0] == "healthcheck" and mapped(service.data.get("healthcheck")).get("disable") is True:
                continue
            for name in dict.fromkeys(_named(_all_words(raw), compose)):
                yield Violation(
                    place=service.place(*route, at_key=True),
                    message=f"the secret `{name}` is written into the {' '.join(route)} of the service "
                    f"`{service.name}`",
                    hint="let the program read it from a file below /run/secrets",
                )


def _all_words(raw: Data) -> list[str]:
    """The words of a command, those of the shell line in `sh -c "..."` and CMD-SHELL, too."""
    found: list[str] = []
    previous = ""
    for word in words(raw):
        is_line = previous == "CMD-SHELL" or _SHELL_FLAG.fullmatch(previous) is not None
        found += split(word) if is_line else [word]
        previous = word
    return found


def _named(found: list[str], compose: Compose) -> Iterator[str]:
    """The names of what is given a secret."""
    is_mysql = any(_MYSQL.fullmatch(word.rpartition("/")[2]) for word in found)
    for word, following in zip(found, [*found, ""][1:], strict=True):
        if assignment := _ASSIGNMENT.fullmatch(word):
            if _is_given(assignment[1], assignment[2], compose):
                yield assignment[1]
        elif is_mysql and _GLUED.fullmatch(word):
            if _is_given("PASSWORD", word[2:], compose):
                yield "-p"
        elif flag := _FLAG.fullmatch(word):
            value = flag[2] if flag[2] is not None else "" if following.startswith("-") else following
            name = flag[1].upper().replace("-", "_").replace(".", "_")
            if _is_given("PASSWORD" if name in _FLAG_NAMES else name, value, compose):
                yield word.partition("=")[0]


def _is_given(name: str, value: str, compose: Compose) -> bool:
    if not value or "$$" in value or value.startswith(_PATHS) or "`" in value:
        return False
    given: Shipped = shipped(value, compose.environment)
    return is_secret(name, given)
