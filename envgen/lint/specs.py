"""What there is to say about an envgen.yaml: all that `validate` says, envgen's rules, and what it would render."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from envgen.composition import compose
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint import placing, rendered
from envgen.lint.files import LintFile
from envgen.lint.options import Options
from envgen.lint.rendered import RenderedFile
from envgen.lint.rule import Scope, SpecSubject
from envgen.lint.tools import Tools
from envgen.plan import resolve
from envgen.source import Source, parse
from envgen.spec import load


@dataclass(slots=True)
class SpecReport:
    """The findings in a spec, the files that it renders, and the specs that it includes, by path."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    includes: set[str] = field(default_factory=set)
    files: tuple[RenderedFile, ...] = ()


def check(file: LintFile, today: date, tools: Tools, options: Options, linted: frozenset[str]) -> SpecReport:
    """All findings in one spec; those in rendered files only where these are not among the `linted` paths."""
    report = SpecReport(posixpath.normpath(file.path))
    read = tools.specs

    def included(path: str) -> Source:
        report.includes.add(posixpath.normpath(path))
        return read(path) if read else parse("", path)

    try:
        source = parse(file.text, file.path)
        source = compose(source, included) if read else source
        spec = load(source)
    except EnvgenError as error:
        report.findings += error.findings
        return report
    report.findings += spec.warnings
    found: dict[Finding, None] = {}
    for one in spec.in_all:  # what the spec has without an environment is not said of each again
        subject = SpecSubject(one, one.source, today)
        found |= dict.fromkeys(placing.run(tools.of(Scope.SPEC), subject, file.path, tools.tree.text))
    report.findings += found
    try:
        folder = Path(file.path).parent
        presets = tools.presets(spec, folder) if tools.presets else None
        templates = tools.templates(spec, folder) if tools.templates else None
        plan = resolve(spec, tools.contexts(spec, folder) if tools.contexts else None, presets, templates)
        report.files = rendered.files(plan, spec, tools)
    except EnvgenError as error:
        report.findings += error.findings
        return report
    if not any(one.path in linted for one in report.files):
        report.findings += rendered.check(report.files, today, tools, options)
    return report


def complete(reports: Sequence[SpecReport]) -> list[SpecReport]:
    """The reports without those of specs that only make sense where another one of them includes them.

    A part of a spec, alone, lacks a name, or services that it refers to. What is wrong with it as a part is reported
    of the spec that includes it.
    """
    parts = {path for report in reports for path in report.includes}
    return [report for report in reports if report.path not in parts or not _broken(report)]


def _broken(report: SpecReport) -> bool:
    return any(finding.severity is Severity.ERROR for finding in report.findings)
