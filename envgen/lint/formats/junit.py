"""JUnit's XML, which CI systems show as tests: a suite for each file, a failed test for each finding in it.

A file without findings is a suite with one test that passed, so that a system that has seen it fail sees it pass. A
test is called by its rule, and by a number from the second on, not by its line: it is the same one in the next run.
"""

from collections import Counter
from collections.abc import Sequence

from envgen.finding import Finding
from envgen.lint.about import about
from envgen.lint.formats import _xml
from envgen.lint.formats._shape import has_place, path, sentence, title

_ALL = "envgen lint"  # the suite of a run that has checked nothing


def render(findings: Sequence[Finding], *, files: Sequence[str] = (), **_: object) -> str:
    """An XML document."""
    by_file: dict[str, list[Finding]] = {path(file): [] for file in files}
    for finding in findings:
        by_file.setdefault(path(finding.file), []).append(finding)
    suites = "".join(_suite(name, found) for name, found in (by_file or {_ALL: []}).items())
    tests = sum(max(len(found), 1) for found in by_file.values()) or 1
    totals = {"name": _ALL, "tests": tests, "failures": len(findings), "errors": 0}
    return _xml.DECLARATION + _xml.element("testsuites", totals, f"\n{suites}") + "\n"


def _suite(file: str, findings: Sequence[Finding]) -> str:
    seen: Counter[str] = Counter()
    cases = ""
    for finding in findings:
        seen[finding.code] += 1
        cases += f"    {_failed(file, finding, seen[finding.code])}\n"
    if not findings:
        cases = f"    {_xml.element('testcase', {'classname': file, 'name': 'no findings', 'time': 0})}\n"
    facts = {
        "name": file,
        "tests": max(len(findings), 1),
        "failures": len(findings),
        "errors": 0,
        "skipped": 0,
        "time": 0,
    }
    suite = _xml.element("testsuite", facts, f"\n{cases}  ")
    return f"  {suite}\n"


def _failed(file: str, finding: Finding, number: int) -> str:
    place = f"{file}:{finding.line}:{finding.column}:" if has_place(finding) else f"{file}:"
    told = f"{place} {finding.severity}: {finding.message} [{finding.code}]\n"
    if finding.excerpt.strip():
        told += f"  | {finding.excerpt}\n"
    if finding.hint:
        told += f"  help: {finding.hint}\n"
    failure = _xml.element("failure", {"type": finding.severity.value, "message": sentence(finding)}, _xml.text(told))
    name = title(about(finding.code)) + (f" ({number})" if number > 1 else "")
    facts = {"classname": file, "name": name, "file": file, "line": finding.line, "time": 0}
    return _xml.element("testcase", facts, failure)
