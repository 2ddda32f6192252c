"""From a spec to its plan: every default is decided here."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from envgen import codes
from envgen.finding import EnvgenError
from envgen.plan.context import Context
from envgen.plan.draft import Draft, Problems, drafts
from envgen.plan.entries import writable_volume
from envgen.plan.images import PlannedImages, plan_images
from envgen.plan.matrix import check_matrix
from envgen.plan.memory import limit_in_bytes
from envgen.plan.model import Hardening, Plan, Stack, Value
from envgen.plan.outputs import check_outputs, check_overlays, compose_path, overlay_path
from envgen.plan.placing import findings
from envgen.plan.ports import check_ports, taken_names
from envgen.plan.services import PlannedService, plan_service
from envgen.plan.stack import DraftStack
from envgen.plan.texts import Texts
from envgen.plan.union import all_secret_files, all_variables
from envgen.plan.variables import plan_secret_files, plan_variables, secret_entry
from envgen.presets import Preset
from envgen.source import Data, Problem
from envgen.spec.model import Spec
from envgen.spec.secrets import generated

_SECTIONS = ("include", "networks", "volumes", "secrets", "configs", "models", "jobs")


def resolve(
    spec: Spec,
    contexts: Mapping[str, Context] | None = None,
    presets: Mapping[str, Preset] | None = None,
    templates: Mapping[str, tuple[str, str]] | None = None,
) -> Plan:
    """The plan of a spec; raises EnvgenError with every problem found.

    `contexts` holds what is known of the build contexts, by their normalised path relative to the spec (see
    `envgen.project.read_contexts`); without it they are taken to be fine. `presets` are those of the user's own, by
    their path as it is written (see `envgen.project.read_presets`), `templates` the user's own, each with its path and
    text, by the name that it shadows (see `envgen.own_templates.read_templates`).
    """
    stacks = [_drafted(None, spec, presets)]
    stacks += [_drafted(name, spec.environment(name), presets) for name in spec.environments]
    images = plan_images(stacks, contexts or {})
    planned = [_stack(stack, images, spec) for stack in stacks]
    problems = stacks[0].texts.problems
    check_outputs(spec, images, problems)
    if spec.outputs.overlays:
        check_overlays(planned, problems)
    found = findings(stacks)
    if found:
        raise EnvgenError(found)
    base = planned[0]
    return Plan(
        name=base.name,
        compose_path=base.compose_path,
        env_example_path=spec.outputs.env_example,
        images=images.images,
        services=base.services,
        sections=base.sections,
        variables=all_variables((stack.environment, stack.variables) for stack in planned),
        secret_files=all_secret_files(stack.secret_files for stack in planned),
        environments=tuple(planned[1:]),
        templates=templates or {},
    )


def _drafted(environment: str | None, spec: Spec, presets: Mapping[str, Preset] | None) -> DraftStack:
    """The services of one environment, what can't be one among the problems."""
    problems: Problems = []
    found = list(drafts(spec, problems, presets))
    services = _by_name(found, problems)
    groups: dict[str, tuple[Draft, ...]] = {}
    for draft in found:
        groups[draft.group] = (*groups.get(draft.group, ()), draft)
    for members in groups.values():
        if len(members) > 1:
            check_matrix(members, problems)
    texts = Texts(services, groups, problems)
    return DraftStack(environment=environment, spec=spec, drafts=tuple(found), texts=texts)


def _stack(stack: DraftStack, images: PlannedImages, spec: Spec) -> Stack:
    """One environment's compose file; `spec` is the one without an overlay."""
    found, texts, problems = stack.drafts, stack.texts, stack.texts.problems
    taken = taken_names(found, texts)
    planned = [plan_service(draft, images.of(stack.environment), texts, taken) for draft in found]
    sections = _sections(stack.spec, found, planned, texts)
    check_ports(found, {entry.service.name: entry.ports.variables for entry in planned}, problems)
    _check_names(found, problems)
    _check_cycles(planned, problems)
    secrets = sections.get("secrets")
    overlaid = stack.environment is not None and spec.outputs.overlays
    path = compose_path(spec, stack.environment)
    return Stack(
        environment=stack.environment,
        name=stack.spec.name,
        compose_path=path,
        overlay_path=overlay_path(path) if overlaid else None,
        services=tuple(entry.service for entry in planned),
        sections=sections,
        variables=plan_variables(planned, sections),
        secret_files=plan_secret_files(
            planned, secrets if isinstance(secrets, dict) else {}, generated(stack.spec.sections.get("secrets"))
        ),
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


def _check_names(found: Sequence[Draft], problems: Problems) -> None:
    """Two containers can't have one name, unless their profiles keep them apart."""
    owners: dict[str, list[Draft]] = {}
    for draft in found:
        name = draft.raw.get("container_name")
        others = owners.setdefault(name, []) if isinstance(name, str) else []
        owner = next((other for other in others if other.group != draft.group and _together(other, draft)), None)
        others.append(draft)
        if owner is not None:
            message = f"`{owner.name}` and `{draft.name}` would both have the container name `{name}`"
            route = (*draft.route, "container_name")
            problems.append(Problem(code=codes.NAME_CLASH, route=route, message=message, hint="rename one"))


def _together(one: Draft, other: Draft) -> bool:
    """Whether two services can be enabled by one profile, or always are."""
    profiles, others = ({str(name) for name in _list(draft.raw.get("profiles"))} for draft in (one, other))
    return not profiles or not others or bool(profiles & others)


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
    needed = dict.fromkeys(
        secret for draft, entry in zip(found, planned, strict=True) for secret in _secrets_of(draft, entry)
    )
    _add(sections, "volumes", dict(volumes))
    _add(sections, "configs", dict(pair for draft in found for pair in _preset_configs(draft)))
    written = sections.get("secrets")
    if isinstance(written, dict) or needed:
        declared = written if isinstance(written, dict) else {}
        sections["secrets"] = {name: secret_entry(name, declared.get(name)) for name in {**declared, **needed}}
    ordered = {key: sections[key] for key in _SECTIONS if key in sections}
    own = {key: texts.value(value, (key,)) for key, value in spec.sections.items() if key.startswith("x-")}
    return {**ordered, **own}


def _preset_configs(draft: Draft) -> Iterator[tuple[str, Value]]:
    """The configs that a preset brings along and its service is given; their content is plain text."""
    if draft.preset is None or not draft.preset.configs:
        return
    granted = _list(draft.raw.get("configs"))
    names = {config.get("source") if isinstance(config, dict) else config for config in granted}
    configs = draft.preset.configs_for(draft.name, limit_in_bytes(draft.raw))
    for name, config in configs.items():
        if name in names:
            yield name, {key: text for key, text in config.items()}  # noqa: C416 - of a wider type


def _secrets_of(draft: Draft, entry: PlannedService) -> Iterator[str]:
    """The secrets that envgen declares for a service: typed variables', its preset's, and those that its build mounts.

    All others are declared in the spec, or come with compose's `include`.
    """
    build = entry.service.compose.get("build") if entry.service.image else None
    mounted = build.get("secrets") if isinstance(build, dict) else None
    declared = entry.service.hardening is not Hardening.NONE or draft.preset is not None
    granted = entry.service.compose.get("secrets") if declared else None
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


def _list(value: "Data | Value") -> list[Data]:
    return value if isinstance(value, list) else []  # type: ignore[return-value]
