"""Workflow commands of GitHub Actions: each finding becomes an annotation beside its line.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, escapes as in actions/toolkit.
"""

from collections.abc import Sequence

from envgen.finding import Finding, Severity
from envgen.lint.about import about
from envgen.lint.formats._display import encodable
from envgen.lint.formats._shape import has_place, path, sentence, title

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.STYLE: "notice",
}
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(findings: Sequence[Finding], **_: object) -> str:
    """One line for each finding."""
    return "".join(_command(finding) for finding in findings)


def _command(finding: Finding) -> str:
    facts: dict[str, object] = {}
    message = sentence(finding)
    if has_place(finding):
        facts = {
            "file": path(finding.file),
            "line": finding.line,
            "col": finding.column,
            "endLine": finding.line,
            "endColumn": finding.column + max(finding.width, 1),
        }
    else:
        message = f"{encodable(finding.file)}: {message}"
    facts["title"] = title(about(finding.code))
    written = ",".join(f"{name}={_property(str(value))}" for name, value in facts.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{message.translate(_IN_MESSAGE)}\n"


def _property(value: str) -> str:
    return encodable(value).translate(_IN_PROPERTY)
