"""From a spec to its plan: every default is decided here."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from envgen import codes, suggest
from envgen.finding import EnvgenError
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, drafts
from envgen.plan.images import PlannedImages, plan_images, writable_volume
from envgen.plan.model import Plan, Value
from envgen.plan.ports import check_matrix_ports
from envgen.plan.services import PlannedService, plan_service
from envgen.plan.texts import Texts, verbatim
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
            _check_matrix(spec, members[0], problems)
    images = plan_images(spec, found, contexts or {}, texts)
    planned = [plan_service(draft, images, texts) for draft in found]
    sections = _sections(spec, found, planned, texts)
    _check_ports(planned, problems)
    _check_cycles(planned, problems)
    _check_outputs(spec, images, problems)
    if problems:
        raise EnvgenError(dict.fromkeys(spec.source.finding(problem) for problem in problems))
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


def _check_matrix(spec: Spec, draft: Draft, problems: Problems) -> None:
    """What can't be the same for several variants of a service."""
    written = spec.written(draft.group)
    by_variant = f"{{{draft.variant}: ..., ...}}"
    if isinstance(written.get("container_name"), str):
        message = f"all variants of `{draft.group}` would have this container name"
        hint = f"write one for each: {by_variant}"
        problems.append(Problem(code=codes.MATRIX, route=(*draft.route, "container_name"), message=message, hint=hint))
    check_matrix_ports(draft, written.get("ports"), problems)
    volumes = written.get("volumes")
    for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
        writable = writable_volume(volume)
        if writable is not None and writable[0] is not None:
            message = f"all variants of `{draft.group}` would write to the volume `{writable[0]}`"
            hint = f"write one for each: {{type: volume, source: {by_variant}, target: {writable[1]}}}"
            problems.append(
                Problem(code=codes.MATRIX, route=(*draft.route, "volumes", index), message=message, hint=hint)
            )


def _sections(spec: Spec, found: Sequence[Draft], planned: Sequence[PlannedService], texts: Texts) -> dict[str, Value]:
    """Compose's other sections, with the volumes and secrets that presets and typed variables need."""
    sections: dict[str, Value] = {
        key: texts.value(spec.sections[key], (key,)) for key in _SECTIONS if spec.sections.get(key) is not None
    }
    volumes = {
        volume[0]: None
        for draft in found
        if draft.preset is not None
        for volume in map(writable_volume, _list(draft.raw.get("volumes")))
        if volume is not None and volume[0] is not None
    }
    needed = {
        str(secret): None
        for entry in planned
        for secret in _list(entry.service.compose.get("secrets"))
        if isinstance(secret, str)
    }
    _add(sections, "volumes", dict(volumes))
    written = sections.get("secrets")
    if isinstance(written, dict) or needed:
        declared = written if isinstance(written, dict) else {}
        files: dict[str, Value] = {name: {"file": f"./secrets/{name}"} for name in {**declared, **needed}}
        sections["secrets"] = {name: declared.get(name) or default for name, default in files.items()}
    ordered = {key: sections[key] for key in _SECTIONS if key in sections}
    return {**ordered, **{key: verbatim(value) for key, value in spec.sections.items() if key.startswith("x-")}}


def _add(sections: dict[str, Value], key: str, names: Mapping[str, Value]) -> None:
    written = sections.get(key)
    if names:
        sections[key] = {**names, **(written if isinstance(written, dict) else {})}


def _check_ports(planned: Sequence[PlannedService], problems: Problems) -> None:
    variables: dict[str, str] = {}
    ports: dict[tuple[str, str, str], str] = {}
    for entry in planned:
        service = entry.service
        for variable in entry.ports.variables:
            owner = variables.setdefault(variable.name, service.name)
            if owner != service.name:
                message = f"the ports of `{owner}` and `{service.name}` would both be set by {variable.name}"
                problems.append(
                    Problem(code=codes.NAME_CLASH, route=variable.route, message=message, hint="rename one")
                )
            if service.compose.get("profiles"):
                continue  # services of different profiles need not run together
            owner = ports.setdefault((variable.host_ip, variable.default, variable.protocol), service.name)
            if owner != service.name:
                message = f"`{owner}` and `{service.name}` would both publish the host port {variable.default}"
                hint = "give one of them another `published`"
                problems.append(Problem(code=codes.NAME_CLASH, route=variable.route, message=message, hint=hint))


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
