"""Passwords and keys in the commands of a service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import mapped
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


@dataclass(frozen=True, slots=True)
class Given:
    """A secret in a command: where, what it is given to as written and as a variable's name, and its text."""

    route: tuple[str, ...]
    shown: str
    name: str
    text: str


def command_secrets(service: Service) -> Iterator[Given]:
    """The secrets in the command, entrypoint and health check of a service."""
    compose = service.compose
    for route in (("command",), ("entrypoint",), ("healthcheck", "test")):
        if route[0] not in service.data:
            continue
        raw = compose.written("services", service.name, *route)
        if _CANDIDATE.search(str(raw)) is None:
            continue
        if route[0] == "healthcheck" and mapped(service.data.get("healthcheck")).get("disable") is True:
            continue
        for shown, name, given in _named(_all_words(raw), compose):
            yield Given(route, shown, name, given.text)


def _all_words(raw: Data) -> list[str]:
    """The words of a command, those of the shell line in `sh -c "..."` and CMD-SHELL, too."""
    found: list[str] = []
    previous = ""
    for word in _split(raw) if isinstance(raw, str) else words(raw):
        is_line = previous == "CMD-SHELL" or _SHELL_FLAG.fullmatch(previous) is not None
        found += _split(word) if is_line else [word]
        previous = word
    return found


@lru_cache(1024)
def _split(text: str) -> tuple[str, ...]:
    return tuple(split(text))  # two rules ask


def _named(found: list[str], compose: Compose) -> Iterator[tuple[str, str, Shipped]]:
    """What is given a secret as it is shown, its name as a variable's, and the secret."""
    is_mysql = any(_MYSQL.fullmatch(word.rpartition("/")[2]) for word in found)
    for word, following in zip(found, [*found, ""][1:], strict=True):
        if assignment := _ASSIGNMENT.fullmatch(word):
            if given := _given(assignment[1], assignment[2], compose):
                yield assignment[1], assignment[1], given
        elif is_mysql and _GLUED.fullmatch(word):
            if given := _given("PASSWORD", word[2:], compose):
                yield "-p", "PASSWORD", given
        elif flag := _FLAG.fullmatch(word):
            value = flag[2] if flag[2] is not None else "" if following.startswith("-") else following
            name = flag[1].upper().replace("-", "_").replace(".", "_")
            name = "PASSWORD" if name in _FLAG_NAMES else name
            if given := _given(name, value, compose):
                yield word.partition("=")[0], name, given


def _given(name: str, value: str, compose: Compose) -> Shipped | None:
    if not value or "$$" in value or value.startswith(_PATHS) or "`" in value:
        return None
    given = shipped(value, compose.environment)
    return given if is_secret(name, given) else None
