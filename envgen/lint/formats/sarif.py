"""SARIF 2.1.0, which GitHub code scanning, editors and security dashboards read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/; the schema is vendored as schemas/sarif-2.1.0.json. Columns
count characters (Unicode code points), regions end before `endColumn`, and paths are relative to %SRCROOT%, the folder
that envgen ran in.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from envgen.finding import Edit, Finding, Severity
from envgen.lint import documentation
from envgen.lint.about import About, about
from envgen.lint.fingerprint import fingerprints
from envgen.lint.formats._display import encodable
from envgen.lint.formats._shape import has_place, sentence, uri

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.STYLE: "note"}
# what GitHub sorts alerts by: https://docs.github.com/en/code-security/reference/code-scanning/sarif-support
_PROBLEM_SEVERITIES = {"error": "error", "warning": "warning", "note": "recommendation"}
_FINGERPRINT = "envgenFingerprint/v1"
_ROOT = "%SRCROOT%"


def render(findings: Sequence[Finding], *, files: Sequence[str] = (), version: str | None = None, **_: object) -> str:
    """A SARIF log with one run, in ASCII."""
    placed = [finding for finding in findings if has_place(finding)]
    codes = {finding.code: finding for finding in reversed(placed)}
    rules = {code: number for number, code in enumerate(sorted(codes))}
    driver: dict[str, Any] = {"name": "envgen", "rules": [_rule(about(code), codes[code]) for code in rules]}
    if version:
        driver |= {"fullName": f"envgen {version}", "version": version, "semanticVersion": version}
    prints = fingerprints(placed)
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation([finding for finding in findings if not has_place(finding)])],
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _location(file), "roles": ["analysisTarget"]} for file in files],
        "results": [_result(*pair, rules) for pair in zip(placed, prints, strict=True)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(known: About, example: Finding) -> dict[str, Any]:
    level = _LEVELS[known.severity or example.severity]
    tags = ["docker", *([known.scope.value] if known.scope else []), *([known.tool] if known.tool != "envgen" else [])]
    properties: dict[str, Any] = {"tags": tags, "problem.severity": _PROBLEM_SEVERITIES[level]}
    if known.same_as:
        properties["same_as"] = list(known.same_as)
    if known.page:
        properties["documentation"] = f"docs/rules/{known.page}"
    rule: dict[str, Any] = {
        "id": encodable(known.code),
        "shortDescription": {"text": known.summary or known.code},
        "fullDescription": {"text": " ".join(f"{known.summary}. {known.reason}".split())},
        "help": {"text": documentation.text(known), "markdown": documentation.markdown(known)},
        "defaultConfiguration": {"level": level, "enabled": known.default},
        "properties": properties,
    }
    if known.name != known.code:  # SARIF wants none that is the same
        rule["name"] = encodable(known.name)
    return rule | ({"helpUri": known.url} if known.url else {})


def _result(finding: Finding, fingerprint: str, rules: Mapping[str, int]) -> dict[str, Any]:
    place = {
        "artifactLocation": _location(finding.file),
        "region": _region(finding),
        "contextRegion": {"startLine": finding.line, "snippet": {"text": encodable(finding.excerpt)}},
    }
    if not finding.excerpt:
        del place["contextRegion"]
    result: dict[str, Any] = {
        "ruleId": encodable(finding.code),
        "ruleIndex": rules[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": sentence(finding)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if finding.fix:
        change = {
            "artifactLocation": _location(finding.file),
            "replacements": [_replacement(edit) for edit in finding.fix.edits],
        }
        result["fixes"] = [
            {
                "description": {"text": encodable(finding.hint or finding.message)},
                "artifactChanges": [change],
                "properties": {"safe": finding.fix.safe},
            }
        ]
    return result


def _region(finding: Finding) -> dict[str, Any]:
    """The place in its line; what a finding says beyond the line's end is the line's end."""
    start, end = finding.column, finding.column + max(finding.width, 1)
    if not finding.excerpt:
        return {"startLine": finding.line, "startColumn": start, "endColumn": end}
    start, end = (min(column, len(finding.excerpt) + 1) for column in (start, end))
    snippet = {"text": encodable(finding.excerpt[start - 1 : end - 1])}
    return {"startLine": finding.line, "startColumn": start, "endColumn": end, "snippet": snippet}


def _replacement(edit: Edit) -> dict[str, Any]:
    region = {
        "startLine": edit.line,
        "startColumn": edit.column,
        "endLine": edit.end_line,
        "endColumn": edit.end_column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": encodable(edit.text)}}


def _location(file: str) -> dict[str, str]:
    reference = uri(file)
    return {"uri": reference} if reference.startswith("file:") else {"uri": reference, "uriBaseId": _ROOT}


def _invocation(problems: Sequence[Finding]) -> dict[str, Any]:
    """How the run went; wrong options and missing tools are no results."""
    if not problems:
        return {"executionSuccessful": True}
    notifications = [
        {
            "descriptor": {"id": finding.code},
            "level": _LEVELS[finding.severity],
            "message": {"text": f"{encodable(finding.file)}: {sentence(finding)}"},
        }
        for finding in problems
    ]
    return {"executionSuccessful": False, "toolConfigurationNotifications": notifications}
