"""What there is to say about an envgen.yaml: all that `validate` says, envgen's rules, and what it would render."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from envgen.composition import compose
from envgen.finding import EnvgenError, Finding
from envgen.lint import placing, rendered
from envgen.lint.files import LintFile
from envgen.lint.options import Options
from envgen.lint.rendered import RenderedFile
from envgen.lint.rule import Scope, SpecSubject
from envgen.lint.tools import Tools
from envgen.plan import resolve
from envgen.source import parse
from envgen.spec import load


@dataclass(slots=True)
class SpecReport:
    """The findings in a spec, and the files that it renders."""

    findings: list[Finding] = field(default_factory=list)
    files: tuple[RenderedFile, ...] = ()


def check(file: LintFile, today: date, tools: Tools, options: Options, linted: frozenset[str]) -> SpecReport:
    """All findings in one spec; those in rendered files only where these are not among the `linted` paths."""
    report = SpecReport()
    try:
        source = parse(file.text, file.path)
        source = compose(source, tools.specs) if tools.specs else source
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
