"""All that the rules find -> what the user wants to see: comments in files, then the configuration, decide."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from envgen import codes
from envgen.codes import CODES
from envgen.finding import Finding, Severity
from envgen.lint import glob, ignore, naming, placing, syntax
from envgen.lint.files import Kind, LintFile
from envgen.lint.ignore.comments import Family
from envgen.lint.rule import Rule, Scope, Violation
from envgen.lint.settings import OPINIONS, Ignored, Settings

SettingsOf = Callable[[str], Settings]

# They say that a file could not be looked at: `select` doesn't hide that, and comments in it are not called unused.
BLIND = frozenset(
    {
        *(codes.YAML_SYNTAX, codes.UNREADABLE, codes.TOO_LARGE, codes.INTERNAL),
        *(syntax.HADOLINT_FAILED.id, syntax.DOCKERFILE_SYNTAX.id, "DL1000"),
    }
)
_SCOPES = {
    Kind.DOCKERFILE: {Scope.DOCKERFILE},
    Kind.COMPOSE: {Scope.COMPOSE, Scope.PROJECT},
    Kind.SPEC: {Scope.SPEC},
}
_OF_HADOLINT = ("dl", "sc")
_OWN_CODES = {code.id: code.name for code in (*CODES.values(), *syntax.CODES)}
_COMMENT_CODES = frozenset(key.casefold() for code in syntax.SUPPRESSIONS for key in (code.id, code.name))


@dataclass(frozen=True, kw_only=True)
class Run:
    """What there is to know of a run of the rules.

    `find_rules` are those that ran, `names` all codes and their names (both are functions, as they import rules),
    `settings` those that hold for a path; without them every rule that ran counts.
    """

    files: Sequence[LintFile]
    text_of: Callable[[str], str | None]
    find_rules: Callable[[], Iterable[Rule]]
    names: Callable[[], Mapping[str, str]]
    ran_hadolint: bool
    today: date
    settings: SettingsOf | None = None

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules that ran, by code."""
        return {rule.code: rule for rule in self.find_rules()}

    def all_names(self) -> Mapping[str, str]:
        """All codes and their names, those of rules that ran and aren't envgen's included."""
        return {**self.names(), **{code: rule.name for code, rule in self.rules.items()}}

    @cached_property
    def _rules_by_key(self) -> Mapping[str, Rule]:
        return {key.casefold(): rule for rule in self.rules.values() for key in (rule.code, rule.name)}

    @cached_property
    def _keys(self) -> dict[str, ignore.Keys]:
        return {}

    def keys(self, code: str) -> ignore.Keys:
        """What a code's rule is called, by whom."""
        if code not in self._keys:
            self._keys[code] = _keys_of(code, None if code in _OWN_CODES else self.rules.get(code))
        return self._keys[code]

    @cached_property
    def _twins(self) -> Mapping[str, frozenset[str]]:
        """Codes and names (folded) of our rules by the codes that hadolint and ShellCheck have for the same."""
        found: dict[str, set[str]] = {}
        for rule in self.rules.values():
            for tool, _, code in (name.partition("/") for name in rule.same_as):
                if tool in {"hadolint", "shellcheck"}:
                    found.setdefault(code, set()).update((rule.code.casefold(), rule.name.casefold()))
        return {code: frozenset(names) for code, names in found.items()}

    def twins(self, code: str) -> frozenset[str]:
        """What our rules for the same as one of hadolint's codes are called."""
        return self._twins.get(code, frozenset()) if naming.is_of_hadolint(code) else frozenset()

    def did_run(self, key: str, kind: Kind, settings: Settings) -> bool:
        """Whether a rule (its code or name, folded) had its say about a file of this kind."""
        if key[:2] in _OF_HADOLINT and naming.is_of_hadolint(key):
            return kind is Kind.DOCKERFILE and self.ran_hadolint and settings.hadolint
        rule = self._rules_by_key.get(key)
        return rule is not None and rule.scope in _SCOPES[kind]


def select(findings: Iterable[Finding], run: Run) -> Iterator[Finding]:
    """The findings that comments and settings leave, with their severities, and those about comments and settings."""
    by_file: dict[str, list[Finding]] = {file.path: [] for file in run.files}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    kinds = {file.path: file.kind for file in run.files}
    verdicts: dict[int, _Verdicts] = {}
    for path, found in by_file.items():
        settings = run.settings(path) if run.settings else Settings()
        left = _without_silenced(path, found, kinds.get(path), settings, run)
        if run.settings is None:
            yield from left
            continue
        decide = verdicts.setdefault(id(settings), _Verdicts(settings, run))
        yield from (kept for finding in left if (kept := decide(finding)) is not None)
    for one in verdicts.values():
        yield from (kept for finding in one.expired() if (kept := one(finding)) is not None)


def unwanted(rules: Iterable[Rule], settings: Sequence[Settings]) -> frozenset[str]:
    """The codes of the rules that none of the settings selects: what they would find is never shown."""
    return frozenset(rule.code for rule in rules if not any(_is_selected(rule.code, rule, one) for one in settings))


def fails(finding: Finding, settings: SettingsOf, level: Severity | None = None) -> bool:
    """Whether a finding makes the exit code 1: it is as bad as `level`, else as its file's settings say, or worse."""
    order = list(Severity)
    wanted = level or settings(finding.file).fail_level or Severity.WARNING
    return order.index(finding.severity) <= order.index(wanted)


def _keys_of(code: str, rule: Rule | None) -> ignore.Keys:
    name = rule.name if rule else _OWN_CODES.get(code, code)
    found: dict[Family, set[str]] = {family: set() for family in Family}
    found[Family.ENVGEN] |= {code.casefold(), name.casefold()}
    for other in rule.same_as if rule else ():
        tool, _, its_name = other.partition("/")
        if tool in found:
            found[Family(tool)].add(its_name.casefold())
    found[Family.ENVGEN] |= found[Family.HADOLINT]
    return {family: frozenset(names) for family, names in found.items()}


def _without_silenced(
    path: str, found: list[Finding], kind: Kind | None, settings: Settings, run: Run
) -> Iterable[Finding]:
    text = run.text_of(path) or ""
    comments = ignore.suppressions(text, path, kind)
    if not comments:
        return found
    is_blind = kind is None or any(finding.code in BLIND for finding in found)
    rules = ignore.Rules(
        keys=run.keys,
        twins=run.twins,
        did_run=lambda key: not is_blind and kind is not None and run.did_run(key, kind, settings),
        names=run.all_names,
        needs_reason=settings.require_reason,
    )
    if kind is None:  # a file that is no subject of its own: its comments work, but nobody judges them
        comments = tuple(one for one in comments if one.problem is None)
        return [one for one in _silenced(found, comments, text, path, rules, run.today) if one in found]
    return _silenced(found, comments, text, path, rules, run.today)


def _silenced(
    found: list[Finding],
    comments: Sequence[ignore.Suppression],
    text: str,
    path: str,
    rules: ignore.Rules,
    today: date,
) -> list[Finding]:
    left = list(ignore.silenced(found, comments, text, path, rules, today))
    own = [one for one in left if one.code in {code.id for code in syntax.SUPPRESSIONS}]
    return [one for one in left if one not in own] + list(_without_waived(own, comments))


def _without_waived(own: list[Finding], comments: Sequence[ignore.Suppression]) -> Iterator[Finding]:
    """What there is to say about comments, but for comments that silence just that (`ignore=EG060,EG203`)."""
    for finding in own:
        keys = {finding.code.casefold(), _OWN_CODES[finding.code].casefold()}
        if not any(finding.line in one.lines and keys & {*one.rules} & _COMMENT_CODES for one in comments):
            yield finding


def _is_of_hadolint(code: str) -> bool:
    return code == syntax.HADOLINT_FAILED.id or naming.is_of_hadolint(code)


@dataclass(frozen=True, slots=True)
class _Verdict:
    is_shown: bool
    severity: Severity | None
    ignored: tuple[Ignored, ...]  # those that hang on the path


class _Verdicts:
    """What one configuration says of findings; each code is looked up once."""

    def __init__(self, settings: Settings, run: Run) -> None:
        self.settings = settings
        self.run = run
        self.by_code: dict[str, _Verdict] = {}

    def __call__(self, finding: Finding) -> Finding | None:
        if not self.settings.hadolint and _is_of_hadolint(finding.code):
            return None
        verdict = self.by_code.get(finding.code)
        if verdict is None:
            verdict = self.by_code[finding.code] = self._verdict(finding.code)
        if not verdict.is_shown:
            return None
        if verdict.ignored:
            path = os.path.relpath(finding.file, self.settings.folder or None).replace(os.sep, "/")
            if any(glob.matches(pattern, path) for one in verdict.ignored for pattern in one.paths):
                return None
        severity = verdict.severity
        if severity is None and finding.code in OPINIONS and finding.severity is Severity.WARNING:
            severity = Severity.INFO  # hadolint's own level; another one comes from the user's .hadolint.yaml
        return finding if severity in {None, finding.severity} else replace(finding, severity=severity)

    def expired(self) -> Iterator[Finding]:
        """The entries of the configuration whose day is past."""
        for one in self.settings.ignore:
            if one.until and one.until < self.run.today and one.place:
                violation = Violation(
                    place=one.place,
                    message=f"`{one.rule}` was to be ignored up to {one.until} only",
                    hint="mend what it was about, or give it another day",
                )
                code = syntax.SUPPRESSION_EXPIRED
                yield placing.placed(code.id, code.severity, violation, "", self.run.text_of)

    def _verdict(self, code: str) -> _Verdict:
        keys = self.run.keys(code)[Family.ENVGEN]
        severity, is_off = self._severity(code)
        valid = [one for one in self.settings.ignore if not (one.until and one.until < self.run.today)]
        ignored = [one for one in valid if naming.covers(one.rule, keys)]
        is_ignored = any(not one.paths for one in ignored)
        is_shown = _is_selected(code, self._rule(code), self.settings) and not is_off and not is_ignored
        return _Verdict(is_shown, severity, tuple(one for one in ignored if one.paths))

    def _rule(self, code: str) -> Rule | None:
        return None if code in _OWN_CODES else self.run.rules.get(code)

    def _severity(self, code: str) -> tuple[Severity | None, bool]:
        """The severity that is set for a code, and if it is `off`; a name beats a glob, a longer glob a shorter."""
        names = _names(code, self._rule(code))
        hits = [pattern for pattern in self.settings.severity if naming.covers(pattern, names)]
        if not hits:
            return None, False
        level = self.settings.severity[max(hits, key=lambda pattern: (not naming.is_glob(pattern), len(pattern)))]
        return level, level is None


def _is_selected(code: str, rule: Rule | None, settings: Settings) -> bool:
    if rule is not None and rule.since > settings.rule_set:
        return False
    names = _names(code, rule)
    if any(naming.covers(pattern, names) for pattern in settings.extend_select):
        return True
    if settings.select is None:
        return rule is None or rule.default
    return code in BLIND or any(naming.covers(pattern, names) for pattern in settings.select)


def _names(code: str, rule: Rule | None) -> tuple[str, str]:
    return code.casefold(), (rule.name if rule else _OWN_CODES.get(code, code)).casefold()
