"""For people: each finding with its place, the source line and what to do."""

import re
from collections.abc import Sequence

from envgen import codes
from envgen.finding import Finding, Severity
from envgen.lint.formats._display import expanded, shown, width
from envgen.lint.formats._together import MILD, Block, blocks, without_twins
from envgen.yaml_guard import caret

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36", Severity.STYLE: "34"}
_LONGEST = 160  # columns of a source line
_BEFORE = 40  # columns kept before the place in a line that is longer
_NAME = re.compile("`[^`]*`")


def render(findings: Sequence[Finding], *, color: bool, **_: object) -> str:
    """`file:line:column: severity: message [code]`, the source line with the place underlined, and the hint.

    What is info or style stands below the rest of its file and has no source line, all of one rule in one file is one
    entry, and what to do about it is said once.
    """
    entries = []
    told: set[tuple[tuple[str, ...], str | None]] = set()
    for block in blocks(findings):
        advice = (block.codes, block.finding.hint)
        entries.append(_entry(block, with_hint=advice not in told, color=color))
        if block.finding.severity in MILD:
            told.add(advice)
    return "".join(entries)


def said(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those of hadolint that are said together with one of ours."""
    return [block.finding for block in without_twins(findings)]


def _entry(block: Block, *, with_hint: bool, color: bool) -> str:
    def paint(text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if color else text

    finding = block.finding
    tint = _COLORS[finding.severity]
    # a wrong option or a missing file has no line
    position = "" if finding.code == codes.USAGE else f"{finding.line}:{finding.column}:"
    place = paint(f"{shown(finding.file)}:{position}", "1")
    code = shown(", ".join(block.codes))
    lines = [f"{place} {paint(f'{finding.severity}:', f'1;{tint}')} {shown(finding.message)} [{code}]"]
    if finding.severity not in MILD and finding.excerpt.strip():
        source, offset, length = _window(finding)
        lines += [f"  | {source}", f"  | {' ' * offset}{paint('^' * length, tint)}"]
    if block.others:
        places = ", ".join(_place(other, finding) for other in block.others)
        lines.append(f"  {paint('also at:', '1')} {places}")
    if finding.hint and with_hint:
        lines.append(f"  {paint('help:', '1')} {shown(finding.hint)}")
    return "\n".join(lines) + "\n"


def _place(finding: Finding, first: Finding) -> str:
    """Line and column, and the first name of the message that is another one than in that of the first finding."""
    place = f"{finding.line}:{finding.column}"
    if _NAME.sub("", finding.message) != _NAME.sub("", first.message):
        return place
    names = zip(_NAME.findall(finding.message), _NAME.findall(first.message), strict=True)
    return next((f"{place} {shown(name)}" for name, other in names if name != other), place)


def _window(finding: Finding) -> tuple[str, int, int]:
    """The source line as it is shown, and where in it the underline starts and how long it is, in columns."""
    at = caret(finding.excerpt, finding.column)
    before, marked = expanded(finding.excerpt[:at]), expanded(finding.excerpt[at : at + finding.width])
    after = expanded(finding.excerpt[at + finding.width :].rstrip())
    if width(before + marked + after) > _LONGEST:
        before = "..." + before[-_BEFORE:] if len(before) > _BEFORE else before
        marked, rest = marked[: _LONGEST - _BEFORE], marked[_LONGEST - _BEFORE :]
        space = max(_LONGEST - _BEFORE - len(marked), 0)
        after = after[:space] + "..." if rest or len(after) > space else after
    return before + marked + after, width(before), max(width(marked), 1)
