"""envgen's own lint rules, one module each in the folder of what they look at: adding a file registers it.

A module whose name starts with `_` is what several rules of that folder share.
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from envgen.lint import rule_index
from envgen.lint.rule import Rule, Scope


@cache
def rules_of(scope: Scope) -> tuple[Rule, ...]:
    """The rules about one kind of subject, by code. Raises ValueError where two share a code or a name."""
    kept = rule_index.known()
    return imported(scope) if kept is None else tuple(rule for rule in kept if rule.scope is scope)


@cache
def imported(scope: Scope) -> tuple[Rule, ...]:
    """The same from the rules' modules, whatever an earlier run kept."""
    folder = Path(__file__).with_name(scope.value)
    names = [info.name for info in iter_modules([str(folder)]) if not info.name.startswith("_")]
    modules = [import_module(f"{__name__}.{scope.value}.{name}") for name in names]
    return ordered(value for module in modules for value in vars(module).values() if isinstance(value, Rule))


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code. Raises ValueError where two share a code or a name."""
    return ordered(rule for scope in Scope for rule in rules_of(scope))


def ordered(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules by code. Raises ValueError where two share a code or a name."""
    taken: dict[str, Rule] = {}
    every = list(rules)
    for rule in every:
        for key in (rule.code, rule.name):
            if key in taken:
                raise ValueError(f"two lint rules are called {key}")
            taken[key] = rule
    return tuple(sorted(every, key=lambda rule: rule.code))
