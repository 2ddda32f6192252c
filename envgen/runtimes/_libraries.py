"""Packages of shared libraries, whose names differ from one Debian suite to the next."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

Facts = Mapping[str, Mapping[str, tuple[str, ...]]]
"""What something needs, by distribution: `build` and `run` packages."""


@cache
def _suites() -> dict[str, dict[str, str]]:
    data = tomllib.loads(files(__package__).joinpath("libraries.toml").read_text(encoding="utf-8"))
    suites: dict[str, dict[str, str]] = data["suites"]  # newest first
    return suites


def suite_of(variant: str, variants: Iterable[str]) -> str:
    """The Debian suite of an image's variant; of one that names none, the newest that there are `variants` of."""
    known = _suites()
    named = next((suite for suite in known if suite in variant), None)
    there = [suite for suite in known if any(suite in other for other in variants)]
    return named or next(iter(there), next(iter(known)))


def packages(wanted: Iterable[str], suite: str) -> tuple[str, ...]:
    """Packages by name; `{icu}` stands for the suite's package of that library."""
    numbered = _suites()[suite]
    found = (numbered[name[1:-1]] if name.startswith("{") else name for name in wanted)
    return tuple(dict.fromkeys(found))
