"""envgen's own lint rules, one module each: adding a file registers it."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from envgen.lint.rule import SpecRule


@cache
def all_rules() -> tuple[SpecRule, ...]:
    """Every rule, by code. Raises ValueError where two share a code or a name."""
    modules = [import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, SpecRule)]
    return ordered(found)


def ordered(rules: list[SpecRule]) -> tuple[SpecRule, ...]:
    """The rules by code. Raises ValueError where two share a code or a name."""
    taken: dict[str, SpecRule] = {}
    for rule in rules:
        for key in (rule.code, rule.name):
            if key in taken:
                raise ValueError(f"two lint rules are called {key}")
            taken[key] = rule
    return tuple(sorted(rules, key=lambda rule: rule.code))
