"""What all rules are called, without importing them: kept in the user's cache folder, written anew with every change.

Two hundred modules take longer to import than a run takes in which nothing is new.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from envgen.finding import Severity
from envgen.lint.cache import Cache
from envgen.lint.cache import folder as cache_folder
from envgen.lint.rule import Rule, Scope, Violation

_KEY = "rules"


class _Later:
    """The check of a rule, whose module is imported when it runs for the first time."""

    def __init__(self, module: str) -> None:
        self.__module__ = module
        self.rule: Rule | None = None

    def __call__(self, subject: Any) -> Iterator[Violation]:  # noqa: ANN401 - each scope has its own
        if self.rule is None:
            self.rule = import_module(self.__module__).check
        return self.rule.check(subject)


@cache
def known() -> tuple[Rule, ...] | None:
    """Every rule, by code, as an earlier run kept them; None where none did."""
    entries = _index(cache_folder()).load(_KEY)
    return None if entries is None else tuple(map(_rule, entries))


def keep(where: Path, rules: Iterable[Rule]) -> None:
    """Keep what there is to know of all rules for the next run."""
    _index(where).store(_KEY, [_entry(rule) for rule in rules])


def _index(where: Path | None) -> Cache:
    return Cache(where, ("index",), suffix=".rules")


def _entry(rule: Rule) -> list[Any]:
    names = (rule.code, rule.name, rule.severity.value, rule.scope.value, rule.check.__module__, rule.explanation)
    return [*names, rule.same_as, rule.since, rule.default, rule.keys]


def _rule(entry: list[Any]) -> Rule:
    code, name, severity, scope, module, explanation, same_as, since, default, keys = entry
    return Rule(
        code=code,
        name=name,
        severity=Severity(severity),
        scope=Scope(scope),
        check=_Later(module),
        explanation=explanation,
        same_as=tuple(same_as),
        since=since,
        default=default,
        keys=tuple(keys),
    )
