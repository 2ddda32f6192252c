"""What there is to say about compose files: the specification's schema, envgen's rules, and what they build."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from envgen import codes, compose_schema
from envgen.finding import EnvgenError, Finding
from envgen.lint import composefile, placing, project
from envgen.lint.composefile import Compose
from envgen.lint.files import LintFile
from envgen.lint.options import OptionsOf
from envgen.lint.project import Project
from envgen.lint.rule import Scope, relevant
from envgen.lint.tools import Tools
from envgen.lint.tree import Tree
from envgen.source import Data, Problem, Source, parse

_LACKING = frozenset(
    {"EG201", "EG202", "EG203", "EG204", "EG205", "EG207"}
)  # undefined services, networks, volumes ...


def check(
    files: Sequence[LintFile], today: date, tools: Tools, options_of: OptionsOf
) -> tuple[list[Finding], list[str]]:
    """All findings in compose files and across what they name; and the paths of the Dockerfiles that they build."""
    composes, findings = _loaded(files, tools.tree)
    built: set[str] = set()
    for compose in composes:
        across = project.of_compose(compose, tools.tree, today, options_of(compose.path))
        built |= {link.dockerfile_path for link in across.builds if link.dockerfile_path}
        findings += _once(compose, (*_compose(compose, tools), *_own(compose, check_project(across, tools))))
    for compose in composefile.without_overrides(composes, tools.tree):
        across = project.of_compose(compose, tools.tree, today, options_of(compose.path))
        findings += _alone(compose, across, tools, findings)
    return findings, sorted(built)


def _alone(compose: Compose, across: Project, tools: Tools, known: Sequence[Finding]) -> Iterator[Finding]:
    """What holds of a project without its override only: a place that has the finding already isn't named again.

    Where it lacks what the override brings (a service, a network, an image), it is not meant to be run so, and there is
    nothing to say.
    """
    seen = {(one.code, one.file, one.line, one.column) for one in known}
    own = [*_schema(compose), *_compose(compose, tools)]
    fresh = [one for one in own if (one.code, one.file, one.line, one.column) not in seen]
    is_whole = not any(one.code in _LACKING for one in fresh)
    for one in _once(compose, (*fresh, *check_project(across, tools))) if is_whole else ():
        if (one.code, one.file, one.line, one.column) not in seen:
            yield one


def check_project(one: Project, tools: Tools) -> Iterator[Finding]:
    """What the rules across files say."""
    path = one.compose.path if one.compose else next((link.dockerfile_path for link in one.builds), None) or ""
    rules = relevant(tools.of(Scope.PROJECT), one.compose.service_keys if one.compose else {"build"})
    return placing.run(rules, one, path, tools.tree.text)


def _once(compose: Compose, findings: Iterable[Finding]) -> Iterator[Finding]:
    """What services share through an anchor or `extends` stands in one place, and is said of the first of them."""
    seen: set[tuple[str, str, int, int, str]] = set()
    for one in findings:
        words = one.message.split("`")
        sense = "`".join("" if at % 2 and word in compose.services else word for at, word in enumerate(words))
        key = (one.code, one.file, one.line, one.column, sense)
        if key not in seen:
            seen.add(key)
            yield one


def _loaded(files: Sequence[LintFile], tree: Tree) -> tuple[tuple[Compose, ...], list[Finding]]:
    """The compose projects that the files make up, and what is wrong with each file itself."""
    sources: list[Source] = []
    findings: list[Finding] = []
    for file in files:
        try:
            source = parse(file.text, file.path)
        except EnvgenError as error:
            findings += error.findings
            continue
        findings += source.problems
        sources.append(source)
    composes = composefile.projects(sources, tree)
    for compose in composes:
        findings += _own(compose, _schema(compose))
    return composes, findings


def _own(compose: Compose, findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is reported of a project: where the file is an overlay, only what stands in it itself."""
    for finding in findings:
        if not compose.overlay_of or finding.file == compose.path:
            yield finding


def _schema(compose: Compose) -> Iterator[Finding]:
    """What the specification's schema has against a project, in whichever of its files it stands."""
    whole = compose.strict
    if compose.is_first_format:
        return
    if not whole.data and not compose.is_partial:
        source = compose.sources[0]
        message = "this compose file is empty" if source.data is None else "there is nothing in this compose file"
        if source.data is None or source.data == {}:
            yield source.finding(Problem(code=codes.WRONG_TYPE, route=(), message=message))
            return
    own = compose.sources[0].data
    data: Data = dict(whole.data) if isinstance(own, dict) else own
    for problem in compose_schema.check(data, is_interpolated=True):
        route = problem.route
        source, there = whole.origin(route)
        yield source.finding(replace(problem, route=there))


def _compose(compose: Compose, tools: Tools) -> Iterator[Finding]:
    rules = relevant(tools.of(Scope.COMPOSE), compose.service_keys)
    return _own(compose, placing.run(rules, compose, compose.path, tools.tree.text))
