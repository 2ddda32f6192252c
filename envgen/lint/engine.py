"""The linter: files and the day go in, findings come out. What only some kinds of files need is imported for these."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import chain

from envgen.codes import CODES, Code
from envgen.finding import Finding
from envgen.lint import alone, dockerfiles, rule_index, selection, syntax
from envgen.lint.files import Kind, LintFile
from envgen.lint.options import Options, OptionsOf
from envgen.lint.remembered import cache_of, remembered
from envgen.lint.rule import Scope
from envgen.lint.rules import all_rules, rules_of
from envgen.lint.selection import Run, SettingsOf
from envgen.lint.tools import Tools

__all__ = ["Tools", "catalogue", "lint"]


def lint(
    files: Iterable[LintFile | Finding],
    *,
    today: date,
    tools: Tools | None = None,
    options: Options | None = None,
    settings: SettingsOf | None = None,
) -> tuple[Finding, ...]:
    """What there is to say about the files, by file and place; nothing is said twice.

    `files` is what `envgen.lint.files.read` returns: a finding in it (a file that can't be read) is passed on. Raises
    EnvgenError where there are Dockerfiles and no hadolint. `settings` are those that hold for a path; without them,
    every rule counts as it is. `options` hold for every file, instead of those of its settings.
    """
    files = tuple(files)
    texts = [file for file in files if isinstance(file, LintFile)]
    tools = _wanted(tools or Tools(), texts, settings)
    options_of = _options(options, settings)
    for file in texts:
        tools.tree.hold(file.path, file.text)
    by_kind = {kind: [file for file in texts if file.kind is kind] for kind in Kind}
    found = chain(
        (finding for finding in files if isinstance(finding, Finding)),
        dockerfiles.check(by_kind[Kind.DOCKERFILE], tools),
        _with_composes(by_kind[Kind.DOCKERFILE], by_kind[Kind.COMPOSE], today, tools, options_of),
    )
    linted = {file.path: file.text for file in texts}
    everything = _with_specs(by_kind[Kind.SPEC], found, linted, today, tools, options_of)
    run = Run(
        files=texts,
        text_of=tools.tree.text,
        find_rules=lambda: chain.from_iterable(map(tools.of, _scopes(by_kind))),
        names=names,
        ran_hadolint=tools.hadolint is not None,
        today=today,
        settings=settings,
    )
    kept = list(selection.select(frozenset(everything), run))
    if tools.cache is not None and tools.rules is None and rule_index.known() is None:
        rule_index.keep(tools.cache, all_rules())
    return tuple(
        sorted(kept, key=lambda finding: (finding.file, finding.line, finding.column, finding.code, finding.message))
    )


@cache
def catalogue() -> Mapping[str, Code]:
    """Every code that envgen itself reports, by code. Raises ValueError where two share a code or a name."""
    rules = [Code(rule.code, rule.name, rule.severity, rule.summary) for rule in all_rules()]
    every = [*CODES.values(), *syntax.CODES, *rules]
    if len({key for code in every for key in (code.id, code.name)}) != 2 * len(every):
        raise ValueError("a lint rule has a code or a name that is taken")
    return {code.id: code for code in sorted(every, key=lambda code: code.id)}


def names() -> Mapping[str, str]:
    """What envgen's codes are called."""
    return {code.id: code.name for code in catalogue().values()}


def _with_composes(
    dockerfiles: Sequence[LintFile], composes: Sequence[LintFile], today: date, tools: Tools, options_of: OptionsOf
) -> Iterator[Finding]:
    """What compose files and what they build have, and each Dockerfile that none of them builds."""
    built: set[str] = set()
    if composes:
        cache = cache_of(tools, today, "compose")
        key = repr([(file.path, options_of(file.path), file.text) for file in composes])

        def find() -> tuple[Sequence[Finding], Sequence[str]]:
            from envgen.lint import composes as compose_files

            return compose_files.check(composes, today, tools, options_of)

        found, names = remembered(cache, key, tools.tree, find)
        built = set(names)
        yield from found
    alone_files = [file for file in dockerfiles if tools.tree.join("", file.path) not in built]
    # all rules: which of them are wanted is known only where their index is, and what is kept would hang on it
    every_rule = replace(tools, unwanted=frozenset())
    yield from alone.check([(file, options_of(file.path)) for file in alone_files], today, every_rule)


def _with_specs(
    files: Sequence[LintFile],
    found: Iterable[Finding],
    linted: Mapping[str, str],
    today: date,
    tools: Tools,
    options_of: OptionsOf,
) -> Iterator[Finding]:
    """What specs have, and what was found: in files that a spec renders with the key that they come from."""
    if not files:
        yield from found
        return
    from envgen.lint import rendered, specs

    checked = [specs.check(file, today, tools, options_of(file.path), frozenset(linted)) for file in files]
    reports = specs.complete(checked)
    fresh = {one.path: one for report in reports for one in report.files if linted.get(one.path) == one.text}
    every = [(finding, fresh.get(finding.file)) for finding in found]
    said = {rendered.subject(finding, file) for finding, file in every if file and file.environment is None}
    for finding, file in every:
        if file is None:
            yield finding
        elif not rendered.is_covered(finding, file) and not (
            file.environment is not None and rendered.subject(finding, file) in said
        ):
            yield rendered.explained(finding, file)
    for report in reports:
        yield from report.findings


def _scopes(by_kind: Mapping[Kind, Sequence[LintFile]]) -> tuple[Scope, ...]:
    """The scopes whose rules ran; those of others would have to be imported."""
    if by_kind[Kind.SPEC]:
        return tuple(Scope)
    alone = (Scope.DOCKERFILE, Scope.PROJECT)
    return (*alone, Scope.COMPOSE) if by_kind[Kind.COMPOSE] else alone


def _wanted(tools: Tools, files: Sequence[LintFile], settings: SettingsOf | None) -> Tools:
    """The tools without what no file's settings want: a hadolint, and rules."""
    if settings is None:
        return tools
    each = list({id(one): one for one in (settings(file.path) for file in files)}.values())
    unwanted = frozenset[str]()
    if tools.rules is None and (rule_index.known() or any(file.kind is Kind.COMPOSE for file in files)):
        rules = (*rules_of(Scope.COMPOSE), *rules_of(Scope.PROJECT))
        unwanted = selection.unwanted(rules, each)
    wants_hadolint = any(one.hadolint for one in each)
    return replace(tools, hadolint=tools.hadolint if wants_hadolint else None, unwanted=unwanted)


def _options(options: Options | None, settings: SettingsOf | None) -> OptionsOf:
    def options_of(path: str) -> Options:
        return options or (settings(path).options if settings else Options())

    return options_of
