"""Mends what findings say how to mend: text in, text out. A fix that does not lint clean afterwards is not taken."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from envgen.finding import Edit, Finding, Fix

Relint = Callable[[str], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after its fixes, and how many findings they mended."""

    text: str
    count: int


def fix(text: str, relint: Relint, *, unsafe: bool = False) -> Fixed:
    """The text with every fix that holds; fixes that aren't safe only where they are asked for.

    `relint` returns the findings in a text, those that the user has silenced left out. A fix holds if afterwards its
    finding is gone and no other has come. Fixing the result once more changes nothing.
    """
    original, seen = text, {text}
    found = relint(text)
    count = 0
    while (taken := _round(text, found, relint, unsafe=unsafe)) is not None:
        text, found, mended = taken
        count += mended
        if text in seen:  # two rules undo each other: neither is right
            return Fixed(original, 0)
        seen.add(text)
    return Fixed(text, count)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that don't overlap; what they insert gets the text's own line ends."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    line_end = "\r\n" if "\r\n" in text else "\n"

    def offset(line: int, column: int) -> int:
        if line > len(lines):
            return len(text)
        return min(starts[line - 1] + column - 1, starts[line] - 1)

    parts, position = [], 0
    for edit in sorted(edits, key=_start):
        start, end = offset(edit.line, edit.column), offset(edit.end_line, edit.end_column)
        parts += [text[position:start], edit.text.replace("\n", line_end)]
        position = end
    return "".join([*parts, text[position:]])


def _round(
    text: str, found: Sequence[Finding], relint: Relint, *, unsafe: bool
) -> tuple[str, Sequence[Finding], int] | None:
    """The text after all fixes that go together, its findings and how many were mended; None where none holds."""
    chosen = list(_apart([one.fix for one in found if one.fix and (unsafe or one.fix.safe)]))
    if not chosen:
        return None
    changed = apply(text, [edit for one in chosen for edit in one.edits])
    after = relint(changed)
    if changed != text and _holds(found, after, chosen):
        return changed, after, len(found) - len(after)
    if len(chosen) == 1:
        return None
    return _one_by_one(text, found, relint, chosen)


def _one_by_one(
    text: str, found: Sequence[Finding], relint: Relint, fixes: Sequence[Fix]
) -> tuple[str, Sequence[Finding], int] | None:
    """As `_round`, with each fix tried for itself: from the end, so that the places of the others stay true."""
    start = text
    before = len(found)
    for one in sorted(fixes, key=lambda one: _start(one.edits[0]), reverse=True):
        changed = apply(text, one.edits)
        after = relint(changed)
        if changed != text and _holds(found, after, [one]):
            text, found = changed, after
    return None if text == start else (text, found, before - len(found))


def _holds(before: Sequence[Finding], after: Sequence[Finding], fixes: Sequence[Fix]) -> bool:
    """Whether what was fixed is gone and nothing has come; places are left open, since lines may move."""
    old, new = Counter(map(_sense, before)), Counter(map(_sense, after))
    gone = Counter(_sense(one) for one in before if one.fix in fixes)
    return new <= old and all(new[sense] <= old[sense] - number for sense, number in gone.items())


def _sense(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message


def _apart(fixes: Iterable[Fix]) -> Iterable[Fix]:
    """Each fix once, those left out that overlap an earlier one: they have their turn in the next round."""
    taken: list[Edit] = []
    for one in dict.fromkeys(fixes):
        if one.edits and not any(_overlap(edit, other) for edit in one.edits for other in taken):
            taken += one.edits
            yield one


def _overlap(one: Edit, other: Edit) -> bool:
    return _start(one) <= _end(other) and _start(other) <= _end(one)


def _start(edit: Edit) -> tuple[int, int]:
    return edit.line, edit.column


def _end(edit: Edit) -> tuple[int, int]:
    return edit.end_line, edit.end_column
