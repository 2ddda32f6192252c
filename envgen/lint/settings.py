"""What a configuration of the linter says, and what it can say: keys, types, and names of rules are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from envgen import codes, suggest
from envgen.finding import Severity
from envgen.lint import glob, naming
from envgen.lint.options import Options
from envgen.lint.place import Place

if TYPE_CHECKING:  # a linter that sees no YAML has no time for it
    from envgen.source import Route

# A rule that comes later has a higher `since`: it is asked for by `rule-set` until the next major release raises this.
DEFAULT_RULE_SET = 1
# Versions of packages that a distribution removes from its mirrors, and instructions kept apart for the cache: what
# hadolint warns of here is an opinion that most projects don't share (hadolint#1253, #928, #715, #1056).
OPINIONS = frozenset(
    {
        *("DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041", "DL3062"),
        *("DL3059", "DL3066"),
    }
)
OFF = "off"

# envgen's codes and their names; a function, as it imports every rule
Names: TypeAlias = "Callable[[], Mapping[str, str]]"
PlaceOf: TypeAlias = "Callable[[Route], Place]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something that a configuration can't say, at the value of a route or at its key."""

    code: str
    route: Route
    message: str
    hint: str | None = None
    at_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Rules that are not wanted: everywhere, or in `paths`; until the end of a day, or for good.

    `place` is where the configuration says so, None for the command line.
    """

    rule: str
    paths: tuple[str, ...] = ()
    reason: str | None = None
    until: date | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for the files that a configuration is the nearest one of. Rules are codes, names or globs.

    `folder` is what globs of paths are relative to (absolute). `select` replaces the rules that are on by default. A
    severity of None is `off`; one that isn't written is the rule's. `rule_set` leaves out rules that are newer.
    """

    folder: str = ""
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[Ignored, ...] = ()
    severity: Mapping[str, Severity | None] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    fail_level: Severity | None = None
    rule_set: int = DEFAULT_RULE_SET
    require_reason: bool = False
    hadolint: bool = True
    options: Options = field(default_factory=Options)

    def excludes(self, path: str) -> bool:
        """Whether a file or folder (its path ends in `/`), relative to `folder`, is left out of a search."""
        return any(glob.matches(pattern, path) for pattern in self.exclude)

    def overridden(self, select: tuple[str, ...], ignore: tuple[str, ...]) -> Settings:
        """These settings as the command line changes them.

        What it selects replaces what is selected, ignored everywhere or off; what is ignored in some paths stays so.
        """
        changed = self
        if select:
            in_paths = tuple(one for one in self.ignore if one.paths)
            levels = {rule: level for rule, level in self.severity.items() if level is not None}
            changed = replace(self, select=select, extend_select=(), ignore=in_paths, severity=levels)
        return replace(changed, ignore=(*changed.ignore, *(Ignored(rule=rule) for rule in ignore)))


def read(data: Any, folder: str, names: Names, place_of: PlaceOf) -> tuple[Settings, tuple[Mistake, ...]]:  # noqa: ANN401 - whatever the file holds
    """What a configuration says, and everything that is wrong with it; `place_of` tells where a part of it stands."""
    reader = _Reader(names, place_of)
    values = reader.settings(data)
    return Settings(folder=folder, **values), tuple(reader.mistakes)


def check_rules(rules: tuple[str, ...], names: Names) -> Iterator[tuple[str, str]]:
    """Those of these rules that there aren't, with a hint."""
    yield from ((rule, naming.hint(rule, names())) for rule in rules if not naming.is_known(rule, names()))


class _Reader:
    """Checks one configuration and collects what is wrong; a part that is wrong counts as not written."""

    def __init__(self, names: Names, place_of: PlaceOf) -> None:
        self.names = names
        self.place_of = place_of
        self.mistakes: list[Mistake] = []

    def settings(self, data: Any) -> dict[str, Any]:  # noqa: ANN401 - see read
        readers: dict[str, Callable[[Any, Route], Any]] = {
            "select": self._rules,
            "extend-select": self._rules,
            "ignore": self._ignore,
            "per-file-ignores": self._per_file_ignores,
            "severity": self._severities,
            "exclude": self._texts,
            "fail-level": self._level,
            "rule-set": self._rule_set,
            "require-reason": self._flag,
            "hadolint": self._flag,
            "trusted-registries": self._texts,
            "required-labels": self._texts,
        }
        found: dict[str, Any] = {}
        for key, value in self._map(data, (), readers).items():
            read_value = readers[key](value, (key,))
            if read_value is not None:
                found[key.replace("-", "_")] = read_value
        options = {key: found.pop(key) for key in ("trusted_registries", "required_labels") if key in found}
        per_file = found.pop("per_file_ignores", ())
        ignore = (*found.pop("ignore", ()), *per_file)
        return {**found, "ignore": ignore, "options": Options(**options)}

    def _mistake(self, code: str, route: Route, message: str, hint: str | None = None, *, at_key: bool = False) -> None:
        self.mistakes.append(Mistake(code=code, route=route, message=message, hint=hint, at_key=at_key))

    def _wrong(self, route: Route, expected: str) -> None:
        match route:
            case ():
                what = "the configuration"
            case (*_, str() as key):
                what = f"`{key}`"
            case (*_, key, _):
                what = f"each entry of `{key}`"
        self._mistake(codes.WRONG_TYPE, route, f"{what} has to be {expected}")

    def _map(self, data: Any, route: Route, keys: Mapping[str, Any] | None = None) -> dict[str, Any]:  # noqa: ANN401 - see read
        """The entries of a map; with `keys`, only those that it may have."""
        if data is None and not route:
            return {}
        if not isinstance(data, dict):
            self._wrong(route, "a map")
            return {}
        if keys is None:
            return data
        for key in data:
            if key not in keys:
                hint = suggest.hint(key, keys)
                self._mistake(codes.UNKNOWN_KEY, (*route, key), f"there is no key `{key}`", hint, at_key=True)
        return {key: value for key, value in data.items() if key in keys}

    def _list(self, data: Any, route: Route) -> list[Any]:  # noqa: ANN401 - see read
        if isinstance(data, list):
            return data
        self._wrong(route, "a list")
        return []

    def _text(self, data: Any, route: Route) -> str | None:  # noqa: ANN401 - see read
        if isinstance(data, str) and data.strip():
            return data.strip()
        self._wrong(route, "text")
        return None

    def _texts(self, data: Any, route: Route) -> tuple[str, ...]:  # noqa: ANN401 - see read
        found = (self._text(item, (*route, at)) for at, item in enumerate(self._list(data, route)))
        return tuple(text for text in found if text is not None)

    def _flag(self, data: Any, route: Route) -> bool | None:  # noqa: ANN401 - see read
        if isinstance(data, bool):
            return data
        self._wrong(route, "true or false")
        return None

    def _rule(self, data: Any, route: Route, *, at_key: bool = False) -> str | None:  # noqa: ANN401 - see read
        rule = self._text(data, route)
        for name, hint in check_rules((rule,) if rule else (), self.names):
            self._mistake(codes.INVALID_VALUE, route, f"there is no rule `{name}`", hint, at_key=at_key)
        return rule

    def _rules(self, data: Any, route: Route) -> tuple[str, ...]:  # noqa: ANN401 - see read
        found = (self._rule(item, (*route, at)) for at, item in enumerate(self._list(data, route)))
        return tuple(rule for rule in found if rule is not None)

    def _ignore(self, data: Any, route: Route) -> tuple[Ignored, ...]:  # noqa: ANN401 - see read
        found = (self._ignored(item, (*route, at)) for at, item in enumerate(self._list(data, route)))
        return tuple(one for one in found if one is not None)

    def _ignored(self, data: Any, route: Route) -> Ignored | None:  # noqa: ANN401 - see read
        place = self.place_of(route)
        if not isinstance(data, dict):
            rule = self._rule(data, route)
            return Ignored(rule=rule, place=place) if rule else None
        entry = self._map(data, route, dict.fromkeys(("rule", "path", "reason", "until")))
        if "rule" not in entry:
            self._mistake(codes.MISSING_KEY, route, "`rule` is missing")
            return None
        rule = self._rule(entry["rule"], (*route, "rule"))
        at_path = (*route, "path")
        written = entry.get("path", [])
        paths = (self._text(written, at_path),) if isinstance(written, str) else self._texts(written, at_path)
        reason = self._text(entry["reason"], (*route, "reason")) if "reason" in entry else None
        until = self._day(entry["until"], (*route, "until")) if "until" in entry else None
        known_paths = tuple(path for path in paths if path)
        return Ignored(rule=rule, paths=known_paths, reason=reason, until=until, place=place) if rule else None

    def _day(self, data: Any, route: Route) -> date | None:  # noqa: ANN401 - see read
        if isinstance(data, date) and not isinstance(data, datetime):  # TOML has days
            return data
        try:
            return date.fromisoformat(data if isinstance(data, str) else "")
        except ValueError:
            self._wrong(route, "a day such as 2099-12-31")
            return None

    def _per_file_ignores(self, data: Any, route: Route) -> tuple[Ignored, ...]:  # noqa: ANN401 - see read
        return tuple(
            Ignored(rule=rule, paths=(path,), place=self.place_of((*route, path)))
            for path, rules in self._map(data, route).items()
            for rule in self._rules(rules, (*route, path))
        )

    def _level(self, data: Any, route: Route) -> Severity | None:  # noqa: ANN401 - see read
        if data in tuple(Severity):
            return Severity(data)
        self._wrong(route, f"one of {', '.join(Severity)}")
        return None

    def _severities(self, data: Any, route: Route) -> dict[str, Severity | None]:  # noqa: ANN401 - see read
        found: dict[str, Severity | None] = {}
        for name, level in self._map(data, route).items():
            rule = self._rule(name, (*route, name), at_key=True)
            if level == OFF:
                found[rule or name] = None
            elif level in tuple(Severity):
                found[rule or name] = Severity(level)
            else:
                self._wrong((*route, name), f"one of {', '.join((*Severity, OFF))}")
        return found

    def _rule_set(self, data: Any, route: Route) -> int | None:  # noqa: ANN401 - see read
        if isinstance(data, int) and not isinstance(data, bool) and data > 0:
            return data
        self._wrong(route, "a whole number from 1 on")
        return None
