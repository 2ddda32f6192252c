"""Checkstyle's XML, which Jenkins (Warnings Next Generation), reviewdog and many editors read.

One <file> for each file that was checked. `source` is the tool and its code: `envgen.EG101`, `hadolint.DL3006`.
"""

from collections.abc import Sequence

from envgen.finding import Finding, Severity
from envgen.lint.about import about
from envgen.lint.formats import _xml
from envgen.lint.formats._shape import path, sentence

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info", Severity.STYLE: "info"}


def render(findings: Sequence[Finding], *, files: Sequence[str] = (), **_: object) -> str:
    """An XML document."""
    by_file: dict[str, list[Finding]] = {path(file): [] for file in files}
    for finding in findings:
        by_file.setdefault(path(finding.file), []).append(finding)
    written = "".join(_file(file, found) for file, found in by_file.items())
    return _xml.DECLARATION + _xml.element("checkstyle", {"version": "4.3"}, f"\n{written}") + "\n"


def _file(file: str, findings: Sequence[Finding]) -> str:
    errors = "".join(f"    {_error(finding)}\n" for finding in findings)
    content = f"\n{errors}  " if errors else ""
    return f"  {_xml.element('file', {'name': file}, content)}\n"


def _error(finding: Finding) -> str:
    facts = {
        "line": finding.line,
        "column": finding.column,
        "severity": _SEVERITIES[finding.severity],
        "message": sentence(finding),
        "source": f"{about(finding.code).tool.casefold()}.{finding.code}",
    }
    return _xml.element("error", facts)
