"""From YAML data to a Spec: everything that is wrong with a file, at once."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from envgen import codes
from envgen.compose_schema import describe, top_level_keys, unknown_key
from envgen.finding import EnvgenError, Finding, Severity
from envgen.provenance import MergedSource, environment_source, file_order
from envgen.source import Data, Problem, Source
from envgen.spec import compose_view, consistency, environments, errors, inheriting, references
from envgen.spec.model import Service, Spec

_MEANINGFUL_NULLS = {"environment", "networks", "depends_on"}  # maps in which a null is compose's short form
_OWN_KEYS = frozenset(Spec.model_fields) - {"sections"}


def load(source: Source) -> Spec:
    """The spec in a file; raises EnvgenError with every problem that the file has.

    The specs that it names have to be in the source already (see `envgen.composition`). `Spec.warnings` holds what is
    worth saying of a spec that is fine.
    """
    data = source.data
    if not isinstance(data, dict):
        message = "the file is empty" if data is None else f"a spec is a map, not {describe(data)}"
        problem = Problem(code=codes.WRONG_TYPE, route=(), message=message, hint="start with `envgen: 1`")
        raise EnvgenError(_in_order([*source.problems, source.finding(problem)], source))
    spec, problems = _read(data)
    problems += environments.check(source)
    if data.get("specs") and not isinstance(source, MergedSource):
        message, hint = "nobody has read the specs that this one names", "use `envgen.load`, or `composition.compose`"
        problems.append(Problem(code=codes.UNKNOWN_REFERENCE, route=("specs",), message=message, hint=hint))
    findings = [*source.problems, *inheriting.check(source), *map(source.finding, problems)]
    known = frozenset(problems)
    resolved: dict[str, Spec] = {}
    for name in environments.names(data):
        overlaid = environment_source(source, name)
        changed, more = _read(overlaid.data if isinstance(overlaid.data, dict) else {})
        # what is wrong without the environment is said already
        own = _in_order([overlaid.finding_in(name, problem) for problem in more if problem not in known], source)
        findings += own
        if changed is not None:
            changed.attach(overlaid, own)
            resolved[name] = changed
    ordered = _in_order(findings, source)
    if spec is None or any(finding.severity is Severity.ERROR for finding in ordered):
        raise EnvgenError(ordered)
    spec.attach(source, ordered, resolved)
    return spec


def _read(data: dict[str, Data]) -> tuple[Spec | None, list[Problem]]:
    """The spec that data is (None where it is none), and all that is wrong with it."""
    spec: Spec | None = None
    problems = list(_unknown_keys(data))
    kept = _without_removals(data)
    try:
        spec = Spec.model_validate(_own_part(kept))
    except ValidationError as error:
        problems += errors.problems(error, kept)
    problems += _check_defaults(data.get("defaults"))
    problems += compose_view.check(kept)
    problems += compose_view.newer_keys(data)
    problems += references.check(kept)
    problems += consistency.check(kept)
    return spec, problems


def _without_removals(data: dict[str, Data]) -> dict[str, Data]:
    """The data without the nulls that remove what a service inherits; elsewhere compose decides about a null."""
    services, defaults = data.get("services"), data.get("defaults")
    if not isinstance(services, dict):
        return data
    inherited = set(defaults) if isinstance(defaults, dict) else set()
    kept = {
        name: _inheriting(service, inherited) if isinstance(service, dict) else service
        for name, service in services.items()
    }
    return {**data, "services": kept}


def _inheriting(service: dict[str, Data], inherited: set[str]) -> Data:
    everything = "uses" in service or "preset" in service
    kept: dict[str, Data] = {}
    for key, value in service.items():
        if not everything and key not in inherited:
            kept[key] = value
        elif isinstance(value, dict) and key not in _MEANINGFUL_NULLS:
            kept[key] = {name: item for name, item in value.items() if item is not None}
        elif value is not None:
            kept[key] = value
    return kept


def _own_part(data: dict[str, Data]) -> dict[str, Data]:
    own = {key: value for key, value in data.items() if key in _OWN_KEYS}
    sections = {key: value for key, value in data.items() if key not in _OWN_KEYS and key != "version"}
    return {**own, "sections": sections}


def _unknown_keys(data: dict[str, Data]) -> Iterator[Problem]:
    known = dict.fromkeys(_OWN_KEYS | top_level_keys())
    for key in data:
        if key not in known and not key.startswith("x-"):
            yield unknown_key((key,), known)


def _check_defaults(defaults: Data) -> Iterator[Problem]:
    if not isinstance(defaults, dict):
        return
    for key in ("uses", "preset"):
        if key in defaults:
            message = f"`{key}` can't be a default"
            hint = "write it on each service"
            yield Problem(code=codes.CONFLICT, route=("defaults", key), message=message, hint=hint, at_key=True)
    try:
        Service.model_validate(defaults)
    except ValidationError as error:
        yield from errors.problems(error, defaults, ("defaults",))


def _in_order(findings: Iterable[Finding], source: Source) -> tuple[Finding, ...]:
    """File by file; of findings at one place only the first with a code, but every missing key."""
    files = file_order(source)
    seen: dict[tuple[str, int, int, str, str], Finding] = {}
    for finding in findings:
        missing = finding.message if finding.code == codes.MISSING_KEY else ""
        seen.setdefault((finding.file, finding.line, finding.column, finding.code, missing), finding)
    return tuple(sorted(seen.values(), key=lambda one: (files.get(one.file, 0), one.line, one.column, one.code)))
