"""From a spec to its plan: every default is decided here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from envgen import codes, suggest
from envgen.finding import EnvgenError
from envgen.merging import KEEP
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, drafts
from envgen.plan.entries import writable_volume
from envgen.plan.images import PlannedImages, plan_images
from envgen.plan.matrix import check_matrix
from envgen.plan.model import Hardening, Plan, Value
from envgen.plan.ports import check_ports, taken_names
from envgen.plan.services import PlannedService, plan_service
from envgen.plan.texts import Texts
from envgen.plan.variables import plan_secret_files, plan_variables
from envgen.source import Data, Problem
from envgen.spec.model import Spec

_SECTIONS = ("include", "networks", "volumes", "secrets", "configs", "models", "jobs")


def resolve(spec: Spec, contexts: Mapping[str, Context] | None = None) -> Plan:
    """The plan of a spec; raises EnvgenError with every problem found.

    `contexts` holds what is known of the build contexts, by their normalised path relative to the spec (see
    `envgen.project.read_contexts`); without it they are taken to be fine.
    """
    problems: Problems = []
    found = list(drafts(spec, problems))
    services = _by_name(found, problems)
    groups: dict[str, tuple[Draft, ...]] = {}
    for draft in found:
        groups[draft.group] = (*groups.get(draft.group, ()), draft)
    texts = Texts(services, groups, problems)
    for members in groups.values():
        if len(members) > 1:
            check_matrix(members, problems)
    images = plan_images(spec, found, contexts or {}, texts)
    taken = taken_names(found, texts)
    planned = [plan_service(draft, images, texts, taken) for draft in found]
    sections = _sections(spec, found, planned, texts)
    check_ports(found, {entry.service.name: entry.ports.variables for entry in planned}, problems)
    _check_names(found, problems)
    _check_cycles(planned, problems)
    _check_outputs(spec, images, problems)
    if problems:
        findings = dict.fromkeys(spec.source.finding(_where_written(problem, spec, groups)) for problem in problems)
        raise EnvgenError(sorted(findings, key=lambda finding: (finding.line, finding.column, finding.code)))
    secrets = sections.get("secrets")
    return Plan(
        name=spec.name,
        compose_path=spec.outputs.compose,
        env_example_path=spec.outputs.env_example,
        images=images.images,
        services=tuple(entry.service for entry in planned),
        sections=sections,
        variables=plan_variables(planned, sections),
        secret_files=plan_secret_files(planned, secrets if isinstance(secrets, dict) else {}),
    )


def _where_written(problem: Problem, spec: Spec, groups: Mapping[str, Sequence[Draft]]) -> Problem:
    """The problem with a route into the file: what it is about may come from `defaults`, or stand at `"..."`."""
    match problem.route:
        case ("services", str(group), str(key), *rest):
            written = spec.written(group)
            if key not in written and key in spec.defaults:
                return replace(problem, route=("defaults", key, *rest))
            listed, merged = written.get(key), groups[group][0].raw.get(key) if group in groups else None
            if isinstance(listed, list) and KEEP in listed and isinstance(merged, list) and rest:
                item = merged[rest[0]] if isinstance(rest[0], int) and rest[0] < len(merged) else None
                place = [listed.index(item), *rest[1:]] if item in listed else []
                return replace(problem, route=("services", group, key, *place))
    return problem


def _by_name(found: Sequence[Draft], problems: Problems) -> dict[str, Draft]:
    services: dict[str, Draft] = {}
    for draft in found:
        other = services.setdefault(draft.name, draft)
        if other is not draft:
            message = f"two services would be named `{draft.name}`"
            problems.append(
                Problem(code=codes.NAME_CLASH, route=draft.route, message=message, hint="rename one", at_key=True)
            )
    return services


def _check_names(found: Sequence[Draft], problems: Problems) -> None:
    """Two containers can't have one name."""
    owners: dict[str, Draft] = {}
    for draft in found:
        name = draft.raw.get("container_name")
        owner = owners.setdefault(name, draft) if isinstance(name, str) else draft
        if owner.group != draft.group:
            message = f"`{owner.name}` and `{draft.name}` would both have the container name `{name}`"
            route = (*draft.route, "container_name")
            problems.append(Problem(code=codes.NAME_CLASH, route=route, message=message, hint="rename one"))


def _sections(spec: Spec, found: Sequence[Draft], planned: Sequence[PlannedService], texts: Texts) -> dict[str, Value]:
    """Compose's other sections, with the volumes and secrets that presets and typed variables need."""
    sections: dict[str, Value] = {
        key: texts.value(spec.sections[key], (key,)) for key in _SECTIONS if spec.sections.get(key) is not None
    }
    volumes = {
        volume.name: None
        for draft in found
        if draft.preset is not None
        for volume in map(writable_volume, _list(draft.raw.get("volumes")))
        if volume is not None and volume.name is not None
    }
    needed = dict.fromkeys(secret for entry in planned for secret in _secrets_of(entry))
    _add(sections, "volumes", dict(volumes))
    written = sections.get("secrets")
    if isinstance(written, dict) or needed:
        declared = written if isinstance(written, dict) else {}
        files: dict[str, Value] = {name: {"file": f"./secrets/{name}"} for name in {**declared, **needed}}
        sections["secrets"] = {name: declared.get(name) or default for name, default in files.items()}
    ordered = {key: sections[key] for key in _SECTIONS if key in sections}
    own = {key: texts.value(value, (key,)) for key, value in spec.sections.items() if key.startswith("x-")}
    return {**ordered, **own}


def _secrets_of(entry: PlannedService) -> Iterator[str]:
    """The secrets that envgen declares for a service: typed variables', its preset's, and those that its build mounts.

    All others are declared in the spec, or come with compose's `include`.
    """
    build = entry.service.compose.get("build") if entry.service.image else None
    mounted = build.get("secrets") if isinstance(build, dict) else None
    granted = entry.service.compose.get("secrets") if entry.service.hardening is not Hardening.NONE else None
    yield from entry.environment.secrets
    for secret in (*_list(granted), *_list(mounted)):
        name = secret.get("source") if isinstance(secret, dict) else secret
        if isinstance(name, str):
            yield name


def _add(sections: dict[str, Value], key: str, names: Mapping[str, Value]) -> None:
    written = sections.get(key)
    if names:
        sections[key] = {**names, **(written if isinstance(written, dict) else {})}


def _check_cycles(planned: Sequence[PlannedService], problems: Problems) -> None:
    routes = {entry.service.name: entry.service.route for entry in planned}
    waits_for: dict[str, list[str]] = {}
    for entry in planned:
        depends_on = entry.service.compose.get("depends_on")
        names = depends_on if isinstance(depends_on, list | dict) else ()
        waits_for[entry.service.name] = [str(name) for name in names]
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        cycle: list[str] = list(reversed(error.args[1]))
        message = f"services wait for each other: {' -> '.join(cycle)}"
        route = (*routes.get(cycle[0], ("services",)), "depends_on")
        problems.append(Problem(code=codes.DEPENDENCY_CYCLE, route=route, message=message, at_key=True))


def _check_outputs(spec: Spec, images: PlannedImages, problems: Problems) -> None:
    names = [image.name for image in images.images]
    for name in spec.outputs.dockerfiles:
        if name not in names:
            message, hint = f"there is no image `{name}`", suggest.hint(name, names)
            route = ("outputs", "dockerfiles", name)
            problems.append(Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=message, hint=hint, at_key=True))
    for key in ("compose", "env_example"):
        path: str = getattr(spec.outputs, key)
        if "/" in path or "\\" in path or path in ("", ".", "..", "envgen.lock", ".env"):
            message, hint = (
                f"{path!r} is no name for a file beside the spec",
                "its paths are relative to the spec's folder",
            )
            problems.append(Problem(code=codes.OUTPUT, route=("outputs", key), message=message, hint=hint))


def _list(value: "Data | Value") -> list[Data]:
    return value if isinstance(value, list) else []  # type: ignore[return-value]
