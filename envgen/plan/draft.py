"""A service on its way into the plan: merged with what it starts from, and one variant of its matrix."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from envgen import codes, presets, runtimes
from envgen.interpolation import InterpolationError, parse
from envgen.plan.layers import layered
from envgen.plan.matrix import pick_variant
from envgen.plan.model import Hardening
from envgen.presets import Preset
from envgen.runtimes import Distro, Language, Release
from envgen.source import Data, Problem, Route
from envgen.spec import errors, names
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

    @property
    def image(self) -> str:
        """The base image's reference."""
        return self.language.image_reference(self.version, self.variant)

    @property
    def distro(self) -> Distro:
        """The base image's distribution."""
        return Distro.of_variant(self.variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One compose service to be; `raw` is its merged data, `model` the same, typed."""

    name: str
    group: str
    variant: str | None
    runtime: ResolvedRuntime | None
    preset: Preset | None
    hardening: Hardening
    model: Service
    raw: Mapping[str, Data]
    route: Route

    @property
    def managed(self) -> bool:
        """Whether envgen decides what is not written."""
        return self.hardening is not Hardening.NONE


def drafts(spec: Spec, problems: Problems) -> Iterator[Draft]:
    """Every compose service of a spec; what can't be one is added to `problems`."""
    for group, service in spec.services.items():
        route: Route = ("services", group)
        if service.preset is not None and service.uses is not None:
            message, hint = "`preset` and `uses` contradict each other", "a preset has an image already; take one"
            problems.append(_conflict((*route, "preset"), message, hint))
        elif isinstance(service.uses, tuple):
            variants = names.variants(dict(spec.written(group)))
            for variant, entry in zip(variants, service.uses, strict=True):
                yield from _draft(spec, group, service, entry, (variant, variants), problems)
        else:
            yield from _draft(spec, group, service, service.uses, (None, ()), problems)


def _draft(
    spec: Spec,
    group: str,
    service: Service,
    uses: str | Runtime | None,
    variant: tuple[str | None, Sequence[str]],
    problems: Problems,
) -> Iterator[Draft]:
    """The draft of one variant, `variant` being its name and those of all; nothing where it is no valid service."""
    route: Route = ("services", group)
    name = f"{group}-{variant[0]}" if variant[0] else group
    written = spec.written(group)
    preset = presets.find(service.preset) if service.preset else None
    runtime = _runtime(spec, uses)
    raw, hardening = layered(
        written,
        spec.defaults,
        _preset_service(preset, name, written, spec.defaults, problems),
        runtime.language if runtime else None,
        is_preset=preset is not None,
    )
    picked = pick_variant(raw, *variant, route, problems)
    model = _typed(picked, service, written, route, problems)
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
            hardening=hardening,
            model=model,
            raw=picked,
            route=route,
        )


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
    return preset.service_for(name, text)


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


def _runtime(spec: Spec, entry: str | Runtime | None) -> ResolvedRuntime | None:
    if isinstance(entry, str):
        inline = names.inline_runtime(entry)
        named = spec.runtimes.get(entry)
        entry = named or (Runtime(language=inline[0], version=inline[1]) if inline else None)
    language = runtimes.find(entry.language) if entry else None
    release = language.release(entry.version) if language and entry else None
    if entry is None or language is None or release is None:
        return None  # without `uses`; a runtime that isn't there is refused when the spec is loaded
    variant = release.default_variant if entry.variant is None else entry.variant
    return ResolvedRuntime(language=language, release=release, version=entry.version, variant=variant)


def _conflict(route: Route, message: str, hint: str) -> Problem:
    return Problem(code=codes.CONFLICT, route=route, message=message, hint=hint, at_key=True)
