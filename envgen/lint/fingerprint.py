"""What makes a finding the same one as yesterday, though the lines above it have changed."""

import os
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from envgen.finding import Finding


def fingerprints(findings: Sequence[Finding]) -> tuple[str, ...]:
    """A fingerprint of each finding, in the same order; no two of them are equal.

    It hangs on the file's path as shown, the code, and the text of the line without its white space, not on the line's
    number or the message. Of findings that are alike in all of these, the nth in the file is the nth again tomorrow.
    """
    order = sorted(range(len(findings)), key=lambda at: _position(findings[at]))
    seen: Counter[str] = Counter()
    found = [""] * len(findings)
    for at in order:
        first = fingerprint(findings[at])
        found[at] = fingerprint(findings[at], occurrence=seen[first])
        seen[first] += 1
    return tuple(found)


def fingerprint(finding: Finding, *, occurrence: int = 0) -> str:
    """32 hexadecimal digits; `occurrence` says how many findings that are alike stand above this one."""
    file = os.path.normpath(finding.file).replace(os.sep, "/")
    parts = (file, finding.code, " ".join(finding.excerpt.split()), str(occurrence))
    return sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:32]


def _position(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.line, finding.column, finding.message, finding.excerpt
