"""A service on its way into the plan: merged with what it starts from, and one variant of its matrix."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from envgen import codes, presets, runtimes
from envgen.interpolation import InterpolationError, parse
from envgen.plan.layers import layered
from envgen.plan.matrix import pick_variant
from envgen.plan.memory import limit_in_bytes
from envgen.plan.model import Hardening
from envgen.presets import Preset
from envgen.provenance import Layer
from envgen.runtimes import Language, Release
from envgen.source import Data, Problem, Route
from envgen.spec import errors, names
from envgen.spec.build import Build
from envgen.spec.model import Service, Spec
from envgen.spec.runtime import Runtime

Problems = list[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedRuntime:
    """A runtime with its defaults: the image that a build starts from."""

    language: Language
    release: Release
    version: str
    variant: str
    replaced: str | None  # the image in place of the official one


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One compose service to be; `raw` is its merged data, `model` the same, typed, `layers` what was merged."""

    name: str
    group: str
    variant: str | None
    runtime: ResolvedRuntime | None
    preset: Preset | None
    hardening: Hardening
    model: Service
    raw: Mapping[str, Data]
    layers: tuple[Layer, ...]
    route: Route

    @property
    def build(self) -> Build:
        """How the service is built, its short form spelled out."""
        build = self.model.build
        return build if isinstance(build, Build) else Build(context=build or ".")

    @property
    def stage(self) -> str:
        """The stage of its image that the service runs: "runtime", or one that is not shipped."""
        return self.build.target or "runtime"

    @property
    def managed(self) -> bool:
        """Whether envgen decides what is not written."""
        return self.hardening is not Hardening.NONE


def drafts(spec: Spec, problems: Problems, files: Mapping[str, Preset] | None = None) -> Iterator[Draft]:
    """Every compose service of a spec; what can't be one is added to `problems`.

    `files` are the presets of the user's own, by their path as it is written.
    """
    for group, service in spec.services.items():
        route: Route = ("services", group)
        if service.preset is not None and service.uses is not None:
            message, hint = "`preset` and `uses` contradict each other", "a preset has an image already; take one"
            problems.append(_conflict((*route, "preset"), message, hint))
        elif isinstance(service.uses, tuple):
            variants = names.variants(dict(spec.written(group)))
            for variant, entry in zip(variants, service.uses, strict=True):
                yield from _draft(spec, group, entry, None, (variant, variants), problems)
        else:
            preset = _preset(service.preset, files or {}, route, problems)
            yield from _draft(spec, group, service.uses, preset, (None, ()), problems)


def _draft(
    spec: Spec,
    group: str,
    uses: str | Runtime | None,
    preset: Preset | None,
    variant: tuple[str | None, Sequence[str]],
    problems: Problems,
) -> Iterator[Draft]:
    """The draft of one variant, `variant` being its name and those of all; nothing where it is no valid service."""
    route: Route = ("services", group)
    name = f"{group}-{variant[0]}" if variant[0] else group
    written = spec.written(group)
    runtime = resolve_runtime(named_runtime(spec, uses)) if uses is not None else None
    complete = layered(
        spec,
        group,
        _preset_service(preset, name, written, spec.defaults, problems),
        runtime.language if runtime else None,
        preset_name=preset.name if preset else None,
    )
    picked = pick_variant(complete.data, *variant, route, problems)
    model = _typed(picked, spec.services[group], written, route, problems)
    if preset is not None and not {"image", "build"} & picked.keys():
        message, hint = f"`{group}` has no image", f"leave out `image: null`, or write one such as {preset.image}"
        problems.append(Problem(code=codes.MISSING_KEY, route=route, message=message, hint=hint, at_key=True))
    if model is not None:
        yield Draft(
            name=name,
            group=group,
            variant=variant[0],
            runtime=runtime,
            preset=preset,
            hardening=complete.hardening,
            model=model,
            raw=picked,
            layers=complete.layers,
            route=route,
        )


def _preset(name: str | None, files: Mapping[str, Preset], route: Route, problems: Problems) -> Preset | None:
    """The preset that a service names; a file that nobody has read is a problem."""
    if name is None or not presets.is_file(name):
        return presets.find(name) if name else None
    if name not in files:
        message, hint = f"the preset `{name}` has not been read", "use `envgen.project.read_presets`"
        problems.append(Problem(code=codes.UNKNOWN_REFERENCE, route=(*route, "preset"), message=message, hint=hint))
    return files.get(name)


def _preset_service(
    preset: Preset | None, name: str, written: Mapping[str, Data], defaults: Mapping[str, Data], problems: Problems
) -> Mapping[str, Data]:
    """The preset's service for the image that is written; an image of an unknown version is a problem."""
    if preset is None:
        return {}
    image = written.get("image", defaults.get("image"))
    text = None
    if isinstance(image, str):
        try:
            parsed = parse(image)
            text = parsed if isinstance(parsed, str) else parsed.default or ""
        except InterpolationError:
            return {}  # reported with all other texts
    if text is not None and preset.depends_on_version and presets.tag(text) is None:
        message = f"`{image}` doesn't tell which {preset.name} it is, and where its data is depends on that"
        hint = f"write a tag, or a default with one: {preset.image}, ${{IMAGE:-{preset.image}}}"
        problems.append(
            Problem(code=codes.INVALID_VALUE, route=("services", name, "image"), message=message, hint=hint)
        )
    return preset.service_for(name, text, limit_in_bytes(written, defaults, preset.service))


def _typed(
    picked: dict[str, Data], service: Service, written: Mapping[str, Data], route: Route, problems: Problems
) -> Service | None:
    if picked == written:
        return service
    try:
        return Service.model_validate(picked)
    except ValidationError as error:
        problems.extend(errors.problems(error, picked, route))
        return None


def named_runtime(spec: Spec, entry: str | Runtime) -> Runtime | None:
    """The runtime that `uses` names, or is."""
    if isinstance(entry, Runtime):
        return entry
    inline = names.inline_runtime(entry)
    return spec.runtimes.get(entry) or (Runtime(language=inline[0], version=inline[1]) if inline else None)


def resolve_runtime(entry: Runtime | None) -> ResolvedRuntime | None:
    """A runtime with its defaults; None for one that isn't there, which is refused when the spec is loaded."""
    language = runtimes.find(entry.language) if entry else None
    if entry is None or language is None:
        return None
    version = entry.version or language.default_version
    release = language.release(version)
    if release is None:
        return None
    variant = release.default_variant if entry.variant is None else entry.variant
    return ResolvedRuntime(language=language, release=release, version=version, variant=variant, replaced=entry.image)


def _conflict(route: Route, message: str, hint: str) -> Problem:
    return Problem(code=codes.CONFLICT, route=route, message=message, hint=hint, at_key=True)
