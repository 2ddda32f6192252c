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
      "excerpt": "...",                the source line, or ""
      "rule": "eol-runtime",           the code's readable name; of hadolint's codes the code
      "same_as": ["hadolint/DL3006"],  what the rule is called elsewhere
      "url": "https://..." or null,    a page that explains it
      "fix": null or {                 what mends it; one that is not safe could change what the file does
        "safe": true,
        "edits": [                     each replaces the text from (line, column) up to, not including, the end
          {"line": 4, "column": 14, "end_line": 4, "end_column": 18, "text": "..."}
        ]
      },
      "fingerprint": "..."             the same in the next run, though lines above have changed
    }
  ],
  "summary": {"error": 0, "warning": 1, "info": 0, "style": 0, "total": 1}
}
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from envgen.finding import Edit, Finding, Severity
from envgen.lint.about import about
from envgen.lint.fingerprint import fingerprints
from envgen.lint.formats._display import encodable

_VERSION = 1


def render(findings: Sequence[Finding], **_: object) -> str:
    """One JSON object with a finding a line, in ASCII, so that any locale can print it."""
    counts = Counter(finding.severity for finding in findings)
    summary = {severity.value: counts[severity] for severity in Severity} | {"total": len(findings)}
    prints = fingerprints(findings)
    lines = (json.dumps(_entry(*pair)) for pair in zip(findings, prints, strict=True))
    entries = "".join(f"{',' if number else ''}\n  {line}" for number, line in enumerate(lines))
    return f'{{"version": {_VERSION}, "findings": [{entries}\n], "summary": {json.dumps(summary)}}}\n'


def _entry(finding: Finding, fingerprint: str) -> dict[str, Any]:
    known = about(finding.code)
    fix = finding.fix and {"safe": finding.fix.safe, "edits": [_edit(edit) for edit in finding.fix.edits]}
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
        "rule": known.name,
        "same_as": list(known.same_as),
        "url": known.url,
        "fix": fix,
        "fingerprint": fingerprint,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "line": edit.line,
        "column": edit.column,
        "end_line": edit.end_line,
        "end_column": edit.end_column,
        "text": encodable(edit.text),
    }
