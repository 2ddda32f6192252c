"""What is known about a code: of envgen's what the rules say, of hadolint's and ShellCheck's where they are explained.

Nothing is read but the rules' modules, and of those only the folder that a code belongs to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import dedent

from envgen.codes import CODES, Code
from envgen.finding import Severity
from envgen.lint import syntax
from envgen.lint.rule import Rule, Scope
from envgen.lint.rules import all_rules, rules_of

SCOPES = {"EG0": Scope.SPEC, "EG1": Scope.DOCKERFILE, "EG2": Scope.COMPOSE, "EG3": Scope.PROJECT}

_HADOLINT = re.compile(r"(DL|SC)\d{4}")
_HADOLINT_WIKI = "https://github.com/hadolint/hadolint/wiki/"
_SHELLCHECK_WIKI = "https://www.shellcheck.net/wiki/"
_BUILDKIT_DOCS = "https://docs.docker.com/reference/build-checks/"
# those that have a page there: https://docs.docker.com/reference/build-checks/, read on 2026-11-23
_BUILDKIT_CHECKS = frozenset(
    {
        *("ConsistentInstructionCasing", "CopyIgnoredFile", "DuplicateStageName", "ExposeInvalidFormat"),
        *("ExposeProtoCasing", "FromAsCasing", "FromPlatformFlagConstDisallowed", "InvalidBaseImagePlatform"),
        *("InvalidDefaultArgInFrom", "InvalidDefinitionDescription", "JSONArgsRecommended", "LegacyKeyValueFormat"),
        *("MaintainerDeprecated", "MultipleInstructionsDisallowed", "NoEmptyContinuation", "RedundantTargetPlatform"),
        *("ReservedStageName", "SecretsUsedInArgOrEnv", "StageNameCasing", "UndefinedArgInFrom", "UndefinedVar"),
        *("WorkdirRelativePath"),
    }
)
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EXPLANATION = re.compile(r"[^\n]*\n*(?P<reason>.*?)\n+Bad:\n\n(?P<bad>.*?)\n+Good:\n\n(?P<good>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known about a code; texts are "" and `severity`, `scope`, `since` None where nothing is.

    `tool` is envgen, hadolint or ShellCheck. A code that is no rule (a file can't be read) is never off and has no
    examples. `bad` and `good` are the text of a file, or several, each below a line `--- path`.
    """

    code: str
    name: str
    tool: str
    severity: Severity | None
    summary: str
    reason: str = ""
    bad: str = ""
    good: str = ""
    scope: Scope | None = None
    same_as: tuple[str, ...] = ()
    since: int | None = None
    default: bool = True

    @property
    def url(self) -> str | None:
        """Where it is explained on the web: by its own tool, else by one that has the same rule."""
        own = (f"{self.tool.casefold()}/{self.code}",) if self.tool != "envgen" else ()
        return next((url for name in (*own, *sorted(self.same_as)) if (url := url_of(name))), None)

    @property
    def page(self) -> str | None:
        """Its page below docs/rules/; only rules have one."""
        return f"{self.code}-{self.name}.md" if self.since is not None else None


@cache
def about(code: str) -> About:
    """What is known about a code; of one that nobody knows, its name."""
    if _HADOLINT.fullmatch(code):
        return _of_hadolint(code)
    if known := _codes().get(code):
        return About(code=code, name=known.name, tool="envgen", severity=known.severity, summary=known.summary)
    if rule := rule_of(code):
        return of_rule(rule)
    return About(code=code, name=code, tool="envgen", severity=None, summary="")


def every() -> tuple[About, ...]:
    """All that envgen itself reports, by code."""
    own = [about(code) for code in _codes()]
    return tuple(sorted((*own, *map(of_rule, all_rules())), key=lambda one: one.code))


def search(word: str) -> tuple[About, ...]:
    """What a code, a name, or another tool's name for it means, in any case; nothing where none is so called."""
    wanted = word.strip().casefold()
    if _HADOLINT.fullmatch(wanted.upper().removeprefix("HADOLINT/").removeprefix("SHELLCHECK/")):
        return (about(wanted.rpartition("/")[2].upper()),)
    named = tuple(one for one in every() if wanted in {one.code.casefold(), one.name.casefold()})
    return named or tuple(one for one in every() if wanted in _names_elsewhere(one))


def rule_of(code: str) -> Rule | None:
    """The rule of a code, or None where there is none."""
    scope = SCOPES.get(code[:3])
    return next((rule for rule in rules_of(scope) if rule.code == code), None) if scope else None


def of_rule(rule: Rule) -> About:
    """What a rule's docstring says."""
    parts = _EXPLANATION.fullmatch(rule.explanation)
    return About(
        code=rule.code,
        name=rule.name,
        tool="envgen",
        severity=rule.severity,
        summary=rule.summary,
        reason=parts["reason"] if parts else "",
        bad=dedent(parts["bad"]) if parts else "",
        good=dedent(parts["good"]) if parts else "",
        scope=rule.scope,
        same_as=rule.same_as,
        since=rule.since,
        default=rule.default,
    )


def url_of(name: str) -> str | None:
    """The page about a rule named as in `same_as` (`hadolint/DL3006`), None where no page is known."""
    tool, _, code = name.partition("/")
    match tool:
        case "hadolint" if _HADOLINT.fullmatch(code) and code != "DL1000":  # of a file that can't be parsed
            return f"{_HADOLINT_WIKI if code.startswith('DL') else _SHELLCHECK_WIKI}{code}"
        case "shellcheck" if _HADOLINT.fullmatch(code):
            return f"{_SHELLCHECK_WIKI}{code}"
        case "buildkit" if code in _BUILDKIT_CHECKS:
            return f"{_BUILDKIT_DOCS}{_WORD_START.sub('-', code).lower()}/"
    return None


def _of_hadolint(code: str) -> About:
    own = tuple(f"envgen/{rule.code}" for rule in _by_other_name().get(code, ()))
    tool, summary = "hadolint", f"the rule {code} of hadolint, which envgen runs over Dockerfiles"
    if code.startswith("SC"):
        tool, summary = "ShellCheck", f"the rule {code} of ShellCheck, which hadolint applies to what RUN runs"
    return About(code=code, name=code, tool=tool, severity=None, summary=summary, same_as=own)


@cache
def _codes() -> dict[str, Code]:
    """The codes that are no rules."""
    return CODES | {code.id: code for code in syntax.CODES}


@cache
def _by_other_name() -> dict[str, tuple[Rule, ...]]:
    """Our rules by the codes that hadolint and ShellCheck have for the same."""
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in all_rules():
        for name in rule.same_as:
            tool, _, code = name.partition("/")
            if tool in {"hadolint", "shellcheck"}:
                found[code] = (*found.get(code, ()), rule)
    return found


def _names_elsewhere(one: About) -> Iterator[str]:
    for name in one.same_as:
        yield name.casefold()
        yield name.partition("/")[2].casefold()
