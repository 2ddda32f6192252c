"""The names that a spec's services get: a matrix `api` that uses two runtimes makes `api-node14` and `api-node16`."""

import re
from collections.abc import Mapping

from envgen.source import Data

_INLINE = re.compile(r"^(?P<language>[a-z][a-z0-9]*)@(?P<version>[0-9]+(\.[0-9]+){0,2})$")


def inline_runtime(text: str) -> tuple[str, str] | None:
    """Language and version of the short form `node@16`, or None where the text is no such form."""
    match = _INLINE.match(text)
    return (match["language"], match["version"]) if match else None


def variant_name(entry: Data) -> str:
    """The name of the variant that an entry of `uses` makes: a runtime's name, else language and version."""
    if isinstance(entry, dict):
        return f"{entry.get('language', '')}{entry.get('version', '')}"
    inline = inline_runtime(entry) if isinstance(entry, str) else None
    return "".join(inline) if inline else str(entry)


def variants(service: Data) -> tuple[str, ...]:
    """The variants of a service as written; empty where it is no matrix."""
    uses = service.get("uses") if isinstance(service, dict) else None
    return tuple(variant_name(entry) for entry in uses) if isinstance(uses, list) else ()


def members(name: str, service: Data) -> tuple[str, ...]:
    """The compose services that a service of the spec becomes."""
    return tuple(f"{name}-{variant}" for variant in variants(service)) or (name,)


def addressable(services: Mapping[str, Data]) -> frozenset[str]:
    """Every name that `depends_on` may hold: services, groups, and members of groups."""
    return frozenset(services) | {member for name, service in services.items() for member in members(name, service)}
