"""What the text format says together: a rule of ours with hadolint's for the same, and mild findings of one rule."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from envgen.finding import Finding, Severity

MILD = (Severity.INFO, Severity.STYLE)
_HADOLINT = ("DL", "SC")


@dataclass(frozen=True, slots=True)
class Block:
    """A finding to show, all codes that it is reported by, and the other findings that it stands for."""

    finding: Finding
    codes: tuple[str, ...]
    others: tuple[Finding, ...] = ()


def blocks(findings: Sequence[Finding]) -> Iterator[Block]:
    """The findings as they are shown, by file: what is mild (info, style) stands below what isn't.

    Mild ones of one rule in one file are one block at the place of the first.
    """
    by_file: dict[str, list[Block]] = {}
    for one in without_twins(findings):
        by_file.setdefault(one.finding.file, []).append(one)
    for shown in by_file.values():
        yield from (one for one in shown if one.finding.severity not in MILD)
        yield from _joined(one for one in shown if one.finding.severity in MILD)


def _joined(mild: Iterable[Block]) -> Iterator[Block]:
    alike: dict[tuple[tuple[str, ...], Severity], list[Block]] = {}
    for one in mild:
        alike.setdefault((one.codes, one.finding.severity), []).append(one)
    for first, *others in alike.values():
        yield replace(first, others=tuple(other.finding for other in others))


def without_twins(findings: Sequence[Finding]) -> Iterator[Block]:
    """What hadolint says about a line goes to the finding of ours that says the same; the worse severity holds."""
    same_as = _twins(findings)
    ours: dict[tuple[str, int, str], int] = {}
    for at, finding in enumerate(findings):
        for code in same_as.get(finding.code, ()):
            ours.setdefault((finding.file, finding.line, code), at)
    twins: dict[int, list[Finding]] = {}
    for at, finding in enumerate(findings):
        twins.setdefault(ours.get((finding.file, finding.line, finding.code), at), []).append(finding)
    for at, finding in enumerate(findings):
        if (finding.file, finding.line, finding.code) not in ours:
            same = twins[at]
            codes = tuple(sorted({one.code for one in same}, key=lambda code: (code.startswith(_HADOLINT), code)))
            yield Block(replace(finding, severity=_worst(*same)), codes)


def _worst(*findings: Finding) -> Severity:
    return min((finding.severity for finding in findings), key=list(Severity).index)


def _twins(findings: Iterable[Finding]) -> dict[str, frozenset[str]]:
    """Hadolint's codes for each of our codes; rules are asked only where both have said something about one line."""
    of_hadolint = {(finding.file, finding.line) for finding in findings if finding.code.startswith(_HADOLINT)}
    codes = {
        finding.code
        for finding in findings
        if (finding.file, finding.line) in of_hadolint and not finding.code.startswith(_HADOLINT)
    }
    if not codes:
        return {}
    from envgen.lint.about import about  # noqa: PLC0415 - it imports rules

    return {
        code: frozenset(
            name.partition("/")[2] for name in about(code).same_as if name.startswith(("hadolint/", "shellcheck/"))
        )
        for code in codes
    }
