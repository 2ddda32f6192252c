"""Which findings of a file its comments silence, and what there is to say about those comments."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from envgen.codes import Code
from envgen.finding import Edit, Finding, Fix
from envgen.lint import naming, placing
from envgen.lint.ignore.comments import Family, Suppression
from envgen.lint.place import Place
from envgen.lint.rule import Violation
from envgen.lint.syntax import (
    INVALID_SUPPRESSION,
    SUPPRESSION_EXPIRED,
    SUPPRESSION_WITHOUT_REASON,
    UNUSED_SUPPRESSION,
)

Keys = Mapping[Family, frozenset[str]]  # what a finding's rule is called (folded), by whose name it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is known of the rules: what one is called, whether one did run on this file, and what all are called.

    `twins` are what our rules are called (folded) that say the same as one of hadolint's codes.
    """

    keys: Callable[[str], Keys]
    twins: Callable[[str], frozenset[str]]
    did_run: Callable[[str], bool]
    names: Callable[[], Mapping[str, str]]
    needs_reason: bool = False


def silenced(
    findings: Iterable[Finding], comments: Sequence[Suppression], text: str, path: str, rules: Rules, today: date
) -> Iterator[Finding]:
    """The findings of one file without those that its comments silence, and with those about the comments."""
    valid = [one for one in comments if one.problem is None and not _is_over(one, today)]
    used: set[tuple[int, str]] = set()
    for finding in findings:
        here = [one for one in valid if finding.line in one.lines]
        keys, twins = (rules.keys(finding.code), rules.twins(finding.code)) if here else ({}, frozenset[str]())
        hits = [(id(one), rule) for one in here for rule in _covering(one, keys, twins)]
        used.update(hits)
        if not hits:
            yield finding
    for one in comments:
        if one.family is Family.ENVGEN:
            for code, violation in _about(one, used, text, rules, today):
                yield placing.placed(code.id, code.severity, violation, path, lambda _: text)


def _covering(comment: Suppression, keys: Keys, twins: frozenset[str]) -> list[str]:
    """The rules of a comment that stand for a finding; a glob such as `EG1*` means our rules only."""
    names = keys.get(comment.family, frozenset())
    if comment.family is Family.ENVGEN:
        return [rule for rule in comment.rules if naming.covers(rule, names) or rule in twins]
    return [rule for rule in comment.rules if rule in names or (rule == "all" and names)]


def _is_over(comment: Suppression, today: date) -> bool:
    end = _day(comment.until) if comment.until else None
    return comment.until is not None and (end is None or end < today)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _about(
    comment: Suppression, used: set[tuple[int, str]], text: str, rules: Rules, today: date
) -> Iterator[tuple[Code, Violation]]:
    """What there is to say about a comment of envgen's own form."""
    place = Place(comment.line, comment.column, comment.width)
    if comment.problem:
        yield INVALID_SUPPRESSION, Violation(place=place, message=comment.problem)
        return
    for rule, column in zip(comment.rules, comment.columns, strict=True):
        if not rules.did_run(rule) and not naming.is_known(rule, rules.names()):
            hint = naming.hint(rule, rules.names())
            at = Place(comment.line, column, len(rule))
            yield INVALID_SUPPRESSION, Violation(place=at, message=f"there is no rule `{rule}`", hint=hint)
    if rules.needs_reason and not comment.reason:
        hint = "write it in brackets: `# envgen: ignore=EG203 (reason)`"
        yield (
            SUPPRESSION_WITHOUT_REASON,
            Violation(place=place, message="a rule is silenced without a reason", hint=hint),
        )
    if comment.until and _is_over(comment, today):
        if _day(comment.until) is None:
            message, code = f"`{comment.until}` is no day such as 2099-12-31", INVALID_SUPPRESSION
            hint = "until it is, the comment silences nothing"
        else:
            message, code = f"this comment has silenced nothing since {comment.until}", SUPPRESSION_EXPIRED
            hint = "mend what it was about, or give it another day"
        yield code, Violation(place=place, message=message, hint=hint)
        return
    idle = [rule for rule in comment.rules if (id(comment), rule) not in used and rules.did_run(rule)]
    if idle:
        listed = ", ".join(f"`{rule}`" for rule in idle)
        violation = Violation(
            place=place,
            message=f"there is nothing to silence here for {listed}",
            hint="remove the comment" if len(idle) == len(comment.rules) else "remove what isn't needed",
            fix=_removal(comment, idle, text),
        )
        yield UNUSED_SUPPRESSION, violation


def _removal(comment: Suppression, idle: Sequence[str], text: str) -> Fix | None:
    """Takes the rules that silence nothing out of a comment, or the whole comment."""
    lines = text.split("\n")
    line = lines[comment.line - 1].removesuffix("\r")
    if len(idle) < len(comment.rules):
        kept = [at for at, rule in enumerate(comment.rules) if rule not in idle]
        words = [line[comment.columns[at] - 1 :][: len(comment.rules[at])] for at in kept]
        end = comment.columns[-1] + len(comment.rules[-1])
        return Fix((Edit(comment.line, comment.columns[0], comment.line, end, ",".join(words)),))
    if comment.is_alone:
        if comment.line == len(lines):
            return None
        return Fix((Edit(comment.line, 1, comment.line + 1, 1, ""),))
    before = line[: comment.column - 1]
    if line[comment.column - 1 + comment.width :].strip() or not before.strip() or before.lstrip().startswith("#"):
        return None
    return Fix((Edit(comment.line, len(before.rstrip()) + 1, comment.line, len(line) + 1, ""),))
