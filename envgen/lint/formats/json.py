r"""For programs; stable: keys may be added, never renamed or removed, without a new `version`.

{
  "version": 1,
  "findings": [
    {
      "code": "EG050",                 a code of envgen (EG...) or of hadolint (DL..., SC...)
      "severity": "warning",           error, warning, info or style
      "file": "envgen.yaml",           as the user named it; bytes that are no UTF-8 as \xNN
      "line": 4, "column": 14,         1-based, in characters
      "width": 4,                      how many characters from `column` on it is about
      "message": "...",
      "hint": "..." or null,
      "excerpt": "..."                 the source line, or ""
    }
  ],
  "summary": {"error": 0, "warning": 1, "info": 0, "style": 0, "total": 1}
}
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from envgen.finding import Finding, Severity
from envgen.lint.formats._display import encodable

_VERSION = 1


def render(findings: Sequence[Finding], *, color: bool) -> str:  # noqa: ARG001 - programs see no colours
    """One JSON object and a line end, in ASCII, so that any locale can print it."""
    counts = Counter(finding.severity for finding in findings)
    summary = {severity.value: counts[severity] for severity in Severity} | {"total": len(findings)}
    report = {"version": _VERSION, "findings": [_entry(finding) for finding in findings], "summary": summary}
    return json.dumps(report, indent=2) + "\n"


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "file": encodable(finding.file),
        "line": finding.line,
        "column": finding.column,
        "width": finding.width,
        "message": encodable(finding.message),
        "hint": None if finding.hint is None else encodable(finding.hint),
        "excerpt": encodable(finding.excerpt),
    }
