"""What BuildKit's instructions accept, as of BuildKit 0.26 (frontend/dockerfile/instructions, 2026-08)."""

from collections.abc import Mapping
from typing import Literal

from envgen.lint.dockerfile import Dockerfile

FlagKind = Literal["bool", "text", "texts"]

FLAGS: Mapping[str, Mapping[str, FlagKind]] = {
    "ADD": {
        "chown": "text",
        "chmod": "text",
        "link": "bool",
        "keep-git-dir": "bool",
        "checksum": "text",
        "unpack": "bool",
        "exclude": "texts",
    },
    "COPY": {
        "chown": "text",
        "from": "text",
        "chmod": "text",
        "link": "bool",
        "parents": "bool",
        "exclude": "texts",
    },
    "FROM": {"platform": "text"},
    "HEALTHCHECK": {
        "interval": "text",
        "timeout": "text",
        "start-period": "text",
        "start-interval": "text",
        "retries": "text",
    },
    "RUN": {"mount": "texts", "network": "text", "security": "text", "device": "texts"},
}
_FRONTENDS = ("docker/dockerfile", "docker.io/docker/dockerfile", "moby/dockerfile", "tonistiigi/dockerfile")


def is_for_docker(file: Dockerfile) -> bool:
    """Whether Docker's own frontend reads the file; another one (`# syntax=`) may know other instructions and flags."""
    syntax = file.directives.get("syntax")
    return syntax is None or syntax[0].startswith(_FRONTENDS)
