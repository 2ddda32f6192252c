"""A service on its way into the plan: merged with what it starts from, and one variant of its matrix."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from envgen import codes, presets, runtimes, suggest
from envgen.merging import merge
from envgen.plan.model import Hardening
from envgen.presets import Preset
from envgen.runtimes import Distro, Language, Release
from envgen.source import Data, Problem, Route
from envgen.spec import errors
from envgen.spec.compose_view import PER_VARIANT_KEYS
from envgen.spec.model import Runtime, Service, Spec
from envgen.spec.names import inline_runtime, variant_name

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
        preset = presets.find(service.preset) if service.preset else None
        if preset is not None and service.uses is not None:
            hint = "a preset brings an image of its own; take one of the two"
            problems.append(
                _problem(codes.CONFLICT, (*route, "preset"), "`preset` and `uses` contradict each other", hint)
            )
            continue
        raw = _inherited(spec, group, service, preset)
        uses = service.uses if isinstance(service.uses, tuple) else (service.uses,)
        is_matrix = isinstance(service.uses, tuple)
        variants = [variant_name(raw_entry) for raw_entry in _entries(spec.written(group).get("uses"))]
        for index, entry in enumerate(uses):
            variant = variants[index] if is_matrix else None
            picked = pick_variant(raw, variant, variants if is_matrix else [], route, problems)
            model = _typed(picked, service, raw, route, problems)
            if model is not None:
                yield Draft(
                    name=f"{group}-{variant}" if variant else group,
                    group=group,
                    variant=variant,
                    runtime=_runtime(spec, entry),
                    preset=preset,
                    hardening=_hardening(model, preset),
                    model=model,
                    raw=picked,
                    route=route,
                )


def pick_variant(
    raw: dict[str, Data], variant: str | None, variants: list[str], route: Route, problems: Problems
) -> dict[str, Data]:
    """A service's data for one variant: of each map by variant, its own value."""
    picked = dict(raw)
    for key in PER_VARIANT_KEYS & raw.keys():
        picked[key] = _choose(raw[key], variant, variants, (*route, key), problems)
    for key, inner in (("ports", "published"), ("volumes", "source")):
        items = raw.get(key)
        if not isinstance(items, list):
            continue
        chosen: list[Data] = []
        for index, item in enumerate(items):
            if isinstance(item, dict) and isinstance(item.get(inner), dict):
                value = _choose(item[inner], variant, variants, (*route, key, index, inner), problems)
                chosen.append({**item, inner: value})
            else:
                chosen.append(item)
        picked[key] = chosen
    return picked


def _choose(value: Data, variant: str | None, variants: list[str], route: Route, problems: Problems) -> Data:
    if not isinstance(value, dict):
        return value
    if variant is None:
        problems.append(
            _problem(codes.MATRIX, route, "a map by variant, but the service has no variants", "write a single value")
        )
        return None
    for key in value:
        if key not in variants:
            problems.append(
                _problem(
                    codes.MATRIX,
                    (*route, key),
                    f"there is no variant `{key}`",
                    suggest.hint(key, variants),
                    at_key=True,
                )
            )
    if variant not in value:
        hint = f"add `{variant}:`"
        problems.append(_problem(codes.MATRIX, route, f"no value for the variant `{variant}`", hint, at_key=True))
    return value.get(variant)


def _inherited(spec: Spec, name: str, service: Service, preset: Preset | None) -> dict[str, Data]:
    written = dict(spec.written(name))
    if preset is None and not spec.defaults:
        return written
    image = service.compose_keys.get("image")
    base: Data = preset.service_for(name, image if isinstance(image, str) else None) if preset else {}
    merged = merge(merge(base, spec.defaults), written)
    return merged if isinstance(merged, dict) else {}


def _typed(
    picked: dict[str, Data], written: Service, raw: dict[str, Data], route: Route, problems: Problems
) -> Service | None:
    if picked == raw == written.model_extra:
        return written
    try:
        return Service.model_validate(picked)
    except ValidationError as error:
        problems.extend(errors.problems(error, picked, route))
        return None


def _runtime(spec: Spec, entry: str | Runtime | None) -> ResolvedRuntime | None:
    if isinstance(entry, str):
        inline = inline_runtime(entry)
        named = spec.runtimes.get(entry)
        entry = named or (Runtime(language=inline[0], version=inline[1]) if inline else None)
    language = runtimes.find(entry.language) if entry else None
    release = language.release(entry.version) if language and entry else None
    if entry is None or language is None or release is None:
        return None  # without `uses`; a runtime that isn't there is refused when the spec is loaded
    variant = release.default_variant if entry.variant is None else entry.variant
    return ResolvedRuntime(language=language, release=release, version=entry.version, variant=variant)


def _hardening(model: Service, preset: Preset | None) -> Hardening:
    if model.hardening is not None:
        return Hardening(model.hardening)
    if model.uses is not None:
        return Hardening.STRICT
    return Hardening.STANDARD if preset else Hardening.NONE


def _entries(uses: Data) -> list[Data]:
    return uses if isinstance(uses, list) else [uses]


def _problem(code: str, route: Route, message: str, hint: str | None = None, *, at_key: bool = False) -> Problem:
    return Problem(code=code, route=route, message=message, hint=hint, at_key=at_key)
