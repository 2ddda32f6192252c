"""What a preset is, and the compose service that it makes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envgen import suggest
from envgen.merging import merge
from envgen.source import Data

_TAG = re.compile(r":(?P<tag>\w[\w.-]*)$")
# `15.2-alpine`, `v15`; and of images that add to PostgreSQL: `pg15`, `2.17-pg15`
_MAJOR = re.compile(r"(?:^|-)pg(\d+)|^v?(\d+)")
_PLACEHOLDER = re.compile(r"\{service\}|\{memory_(?P<unit>mib|bytes):(?P<percent>[1-9]\d?|100)\}")
_MEANT = re.compile(r"(?<![${])\{(?P<name>[a-z_]+)(?::[^{}]*)?\}")
_MIB = 1 << 20
_PLACEHOLDERS = {"service": "{service}", "memory_mib": "{memory_mib:50}", "memory_bytes": "{memory_bytes:50}"}
CONDITIONS = ("tag", "image", "from_major", "before_major")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A file that a preset's service reads: what it is for, and how it may be made up (None: only the user knows)."""

    description: str = ""
    generate: Mapping[str, Data] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A ready-made service; the format of its file is described in `envgen.presets`.

    `port` is a number of the container, `url` None where nothing reaches it by a URL. `ports` and `urls` are further
    ones by name. In `service`, `secrets`, `configs` and `variants` placeholders are still to be filled.
    """

    name: str
    summary: str
    port: int
    url: str | None
    service: Mapping[str, Data]
    ports: Mapping[str, int] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    configs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    variants: tuple[tuple[Mapping[str, Data], Mapping[str, Data]], ...] = ()

    @property
    def image(self) -> str:
        """The image of a service that names none."""
        return str(self.service["image"])

    @property
    def memory_limit(self) -> Data:
        """The memory limit that the preset sets, as compose takes it; None without one."""
        return self.service.get("mem_limit")

    @property
    def depends_on_version(self) -> bool:
        """Whether the service is another one for a newer image."""
        return any({"from_major", "before_major"} & condition.keys() for condition, _ in self.variants)

    def service_for(self, name: str, image: str | None, memory: int | None = None) -> dict[str, Data]:
        """The compose service of that name.

        `image` is what the user wrote (None: the preset's own), `memory` the limit in bytes that it will have.
        """
        reference = image or self.image
        merged: Data = dict(self.service)
        for condition, overlay in self.variants:
            if _meets(condition, reference):
                merged = merge(merged, dict(overlay))
        filled = fill(merged, name, memory)
        return filled if isinstance(filled, dict) else {}

    def secrets_for(self, name: str) -> dict[str, Secret]:
        """The secrets of a service of that name."""
        return {_filled(key, name, None): secret for key, secret in self.secrets.items()}

    def configs_for(self, name: str, memory: int | None = None) -> dict[str, dict[str, str]]:
        """Compose's configs of a service of that name, by their names; all in them is plain text."""
        return {
            _filled(config, name, memory): {key: _filled(text, name, memory) for key, text in entries.items()}
            for config, entries in self.configs.items()
        }


def tag(image: str) -> str | None:
    """The tag of an image's reference, `latest` where there is none; None for a digest alone, or no reference."""
    name, at, _ = image.partition("@")
    match = _TAG.search(name)
    if match is None:
        return None if at or not name else "latest"
    return match["tag"]


def fill(value: Data, service: str, memory: int | None) -> Data:
    """Data with its placeholders filled, also those in keys."""
    if isinstance(value, str):
        return _filled(value, service, memory)
    if isinstance(value, list):
        return [fill(item, service, memory) for item in value]
    if isinstance(value, dict):
        return {_filled(key, service, memory): fill(item, service, memory) for key, item in value.items()}
    return value


def _filled(text: str, service: str, memory: int | None) -> str:
    def replacement(match: re.Match[str]) -> str:
        if match["unit"] is None:
            return service
        if memory is None:
            return match[0]
        size = memory * int(match["percent"]) // 100
        return str(size if match["unit"] == "bytes" else max(size // _MIB, 1))

    return _PLACEHOLDER.sub(replacement, text)


def misspelled(text: str) -> Iterator[tuple[str, str]]:
    """What looks like a placeholder and is none, each with the one that was meant."""
    for match in _MEANT.finditer(text):
        near = suggest.closest(match["name"], _PLACEHOLDERS)
        if near is not None and not _PLACEHOLDER.fullmatch(match[0]):
            yield match[0], _PLACEHOLDERS[near]


def needs_memory(value: Data) -> bool:
    """Whether a placeholder asks for the memory limit."""
    if isinstance(value, str):
        return any(match["unit"] for match in _PLACEHOLDER.finditer(value))
    if isinstance(value, dict):
        return any(needs_memory(key) or needs_memory(item) for key, item in value.items())
    return isinstance(value, list) and any(needs_memory(item) for item in value)


def _meets(condition: Mapping[str, Data], image: str) -> bool:
    found = tag(image) or ""
    name = image.partition("@")[0].removesuffix(f":{found}")
    wanted_tag, wanted_image = condition.get("tag"), condition.get("image")
    if isinstance(wanted_tag, str) and wanted_tag not in found:
        return False
    if isinstance(wanted_image, str) and wanted_image not in name:
        return False
    match = _MAJOR.search(found)
    # `latest` and the like are the newest there is
    major = float("inf") if match is None else int(match[1] or match[2])
    first, end = condition.get("from_major"), condition.get("before_major")
    return not (isinstance(first, int) and major < first) and not (isinstance(end, int) and major >= end)
