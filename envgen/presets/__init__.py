"""Ready-made services: a `<name>.yaml` in this folder is one of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from envgen.merging import merge
from envgen.source import Data, parse

_TAG = re.compile(r":(?P<tag>\w[\w.-]*)$")
# `15.2-alpine`, `v15`; and of images that add to PostgreSQL: `pg15`, `2.17-pg15`
_MAJOR = re.compile(r"(?:^|-)pg(\d+)|^v?(\d+)")
_SUFFIX = ".yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A ready-made service.

    `service` is a compose service in which `{service}` stands for the service's name; `variants` are (condition,
    service) pairs laid over it where the image's tag meets the condition: `tag` is a part of it, `from_major` the
    version that is the first to meet it. `url` may name environment variables of the service, and `{host}` and
    `{port}`. A variable `NAME_FILE` below /run/secrets makes the service get that secret.
    """

    name: str
    summary: str
    port: int
    url: str
    service: Mapping[str, Data]
    variants: tuple[tuple[Mapping[str, Data], Mapping[str, Data]], ...]

    @property
    def image(self) -> str:
        """The image of a service that names none."""
        return str(self.service["image"])

    @property
    def depends_on_version(self) -> bool:
        """Whether the service is another one for a newer image."""
        return any("from_major" in condition for condition, _ in self.variants)

    def service_for(self, name: str, image: str | None) -> dict[str, Data]:
        """The compose service of that name; `image` is what the user wrote (None: the preset's own)."""
        reference = image or self.image
        merged: Data = dict(self.service)
        for condition, overlay in self.variants:
            if _meets(condition, reference):
                merged = merge(merged, dict(overlay))
        filled = _fill(merged, name)
        return filled if isinstance(filled, dict) else {}


@cache
def names() -> tuple[str, ...]:
    """The presets there are."""
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


@cache
def find(name: str) -> Preset | None:
    """The preset of that name, or None."""
    if name not in names():
        return None
    match parse(files(__name__).joinpath(name + _SUFFIX).read_bytes(), name + _SUFFIX).data:
        case {"summary": str(summary), "port": int(port), "url": str(url), "service": dict(service), **rest}:
            variants = rest.get("variants")
            entries = variants if isinstance(variants, list) else []
            pairs = ((entry, entry.get("service")) for entry in entries if isinstance(entry, dict))
            overlays = tuple((entry, overlay) for entry, overlay in pairs if isinstance(overlay, dict))
            return Preset(name=name, summary=summary, port=port, url=url, service=service, variants=overlays)
        case _:
            raise ValueError(f"the preset {name} needs summary, port, url and service")


def tag(image: str) -> str | None:
    """The tag of an image's reference, `latest` where there is none; None for a digest alone, or no reference."""
    name, at, _ = image.partition("@")
    match = _TAG.search(name)
    if match is None:
        return None if at or not name else "latest"
    return match["tag"]


def _meets(condition: Mapping[str, Data], image: str) -> bool:
    found = tag(image) or ""
    wanted, major = condition.get("tag"), condition.get("from_major")
    if isinstance(wanted, str) and wanted not in found:
        return False
    if isinstance(major, int):
        match = _MAJOR.search(found)
        # `latest` and the like are the newest there is
        return match is None or int(match[1] or match[2]) >= major
    return True


def _fill(value: Data, service: str) -> Data:
    if isinstance(value, str):
        return value.replace("{service}", service)
    if isinstance(value, list):
        return [_fill(item, service) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, service) for key, item in value.items()}
    return value
