"""GitLab's Code Quality report, shown in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import json
from collections.abc import Sequence
from typing import Any

from envgen.finding import Finding, Severity
from envgen.lint.fingerprint import fingerprints
from envgen.lint.formats._display import encodable
from envgen.lint.formats._shape import path, sentence

# of info, minor, major, critical and blocker
_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "minor", Severity.STYLE: "info"}


def render(findings: Sequence[Finding], **_: object) -> str:
    """A JSON array, in ASCII."""
    prints = fingerprints(findings)
    return json.dumps([_issue(*pair) for pair in zip(findings, prints, strict=True)], indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": encodable(finding.code),
        "description": sentence(finding),
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": {"path": encodable(path(finding.file)), "lines": {"begin": finding.line, "end": finding.line}},
    }
