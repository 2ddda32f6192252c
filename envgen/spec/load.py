"""From YAML data to a Spec: everything that is wrong with a file, at once."""

from collections.abc import Iterator

from pydantic import ValidationError

from envgen import codes
from envgen.compose_schema import describe, top_level_keys, unknown_key
from envgen.finding import EnvgenError, Finding, Severity
from envgen.source import Data, Problem, Source
from envgen.spec import compose_view, consistency, errors, references
from envgen.spec.model import Service, Spec

_MEANINGFUL_NULLS = {"environment", "networks", "depends_on"}  # maps in which a null is compose's short form
_OWN_KEYS = frozenset(Spec.model_fields) - {"sections"}


def load(source: Source) -> Spec:
    """The spec in a file; raises EnvgenError with every problem that the file has.

    `Spec.warnings` holds what is worth saying of a spec that is fine.
    """
    problems: list[Problem] = []
    spec: Spec | None = None
    data = source.data
    if not isinstance(data, dict):
        message = "the file is empty" if data is None else f"a spec is a map, not {describe(data)}"
        problems.append(Problem(code=codes.WRONG_TYPE, route=(), message=message, hint="start with `envgen: 1`"))
    else:
        problems += _unknown_keys(data)
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
    findings = _unique([*source.problems, *(source.finding(problem) for problem in problems)])
    if spec is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise EnvgenError(findings)
    spec.attach(source, findings)
    return spec


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


def _unique(findings: list[Finding]) -> tuple[Finding, ...]:
    """In the order of the file; of findings at one place, only the first with a code, but every missing key."""
    seen: dict[tuple[int, int, str, str], Finding] = {}
    for finding in findings:
        missing = finding.message if finding.code == codes.MISSING_KEY else ""
        seen.setdefault((finding.line, finding.column, finding.code, missing), finding)
    return tuple(sorted(seen.values(), key=lambda finding: (finding.line, finding.column, finding.code)))
