"""The linter: files and the day go in, findings come out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

from envgen.codes import CODES, Code
from envgen.finding import EnvgenError, Finding
from envgen.lint import compose, hadolint
from envgen.lint.files import Kind, LintFile
from envgen.lint.hadolint import Hadolint
from envgen.lint.ignore import not_ignored
from envgen.lint.rule import SpecInput, SpecRule, Violation
from envgen.lint.rules import all_rules
from envgen.plan import Context, resolve
from envgen.source import Problem, Source, parse
from envgen.spec import Spec, load

ReadContexts = Callable[[Spec, Path], Mapping[str, Context]]


def lint(
    files: Iterable[LintFile | Finding],
    *,
    today: date,
    rules: Sequence[SpecRule] | None = None,
    tool: Hadolint | None = None,
    contexts: ReadContexts | None = None,
) -> tuple[Finding, ...]:
    """What there is to say about the files, by file and place; nothing is said twice.

    `files` is what `envgen.lint.files.read` returns: a finding in it (a file that can't be read) is passed on. `rules`
    are envgen's own, by default all; `tool` is the hadolint to run, by default the one that is installed; `contexts`
    reads the build contexts of a spec in a folder, by default they are taken to be fine. Raises EnvgenError where
    there are Dockerfiles and no hadolint.
    """
    files = tuple(files)
    texts = [file for file in files if isinstance(file, LintFile)]
    dockerfiles = [file for file in texts if file.kind is Kind.DOCKERFILE]
    found = chain(
        (finding for finding in files if isinstance(finding, Finding)),
        hadolint.check(dockerfiles, tool or hadolint.find()) if dockerfiles else (),
        *(compose.check(file) for file in texts if file.kind is Kind.COMPOSE),
        *(
            _check_spec(file, all_rules() if rules is None else rules, today, contexts)
            for file in texts
            if file.kind is Kind.SPEC
        ),
    )
    kept = _not_ignored(frozenset(found), {file.path: file.text for file in texts})
    return tuple(
        sorted(kept, key=lambda finding: (finding.file, finding.line, finding.column, finding.code, finding.message))
    )


@cache
def catalogue() -> Mapping[str, Code]:
    """Every code that envgen itself reports, by code. Raises ValueError where two share a code or a name."""
    rules = [Code(rule.code, rule.name, rule.severity, rule.summary) for rule in all_rules()]
    every = [*CODES.values(), hadolint.FAILED, *rules]
    if len({key for code in every for key in (code.id, code.name)}) != 2 * len(every):
        raise ValueError("a lint rule has a code or a name that is taken")
    return {code.id: code for code in sorted(every, key=lambda code: code.id)}


def _check_spec(
    file: LintFile, rules: Iterable[SpecRule], today: date, contexts: ReadContexts | None
) -> Iterator[Finding]:
    try:
        source = parse(file.text, file.path)
        spec = load(source)
    except EnvgenError as error:
        yield from error.findings
        return
    yield from spec.warnings
    try:
        resolve(spec, contexts(spec, Path(file.path).parent) if contexts else None)
    except EnvgenError as error:
        yield from error.findings
    for rule in rules:
        for violation in rule.check(SpecInput(spec, today)):
            yield _placed(source, rule, violation)


def _placed(source: Source, rule: SpecRule, violation: Violation) -> Finding:
    problem = Problem(
        code=rule.code,
        route=violation.route,
        message=violation.message,
        hint=violation.hint,
        at_key=violation.at_key,
        severity=rule.severity,
    )
    return source.finding(problem)


def _not_ignored(findings: Iterable[Finding], texts: Mapping[str, str]) -> Iterator[Finding]:
    names = {code.id: code.name for code in catalogue().values()}
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    for file, found in by_file.items():
        yield from not_ignored(found, texts.get(file, ""), names)
