"""Which image a stage is built on, as far as the Dockerfile and its build arguments say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envgen.lint.dockerfile import shellwords
from envgen.lint.dockerfile.shellwords import MISSING, Expansion, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envgen.lint.dockerfile.model import Dockerfile, Stage

_PLATFORM_ARGS = {
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDOSVERSION": "",
    "BUILDARCH": "amd64",
    "BUILDVARIANT": "",
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETOSVERSION": "",
    "TARGETARCH": "amd64",
    "TARGETVARIANT": "",
}
_DOMAIN_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_IMAGE_ID = re.compile(r"[a-f0-9]{64}")
_LONGEST_PATH = 255


def global_args(file: Dockerfile, build_args: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
    """The variables that FROM can use: platform arguments and the ARGs before the first FROM.

    One with neither a default nor a build argument isn't in it; None stands for a value that isn't known. Platforms are
    taken for linux/amd64.
    """
    last = file.stages[-1].name if file.stages else ""
    found: dict[str, str | None] = {**_PLATFORM_ARGS, "TARGETSTAGE": last.lower() or "default"}
    given = build_args or {}
    found |= {name: value for name, value in given.items() if name in found}
    for instruction in file.global_args:
        for word in instruction.args:
            name, has_value, default = word.partition("=")
            if name in given:
                found[name] = given[name]
            elif has_value:
                found[name] = shellwords.expand(default, lambda key: found.get(key, MISSING), file.escape).text
    return found


def expand_from(file: Dockerfile, word: str, args: Mapping[str, str | None]) -> Expansion:
    """A word of FROM with its variables replaced; `args` are what `global_args` gives."""

    def lookup(name: str) -> Value:
        return args.get(name, MISSING)

    return shellwords.expand(word, lookup, file.escape)


def base_image(file: Dockerfile, stage: Stage, build_args: Mapping[str, str | None] | None = None) -> str | None:
    """The image or stage that a stage is built on, variables replaced by build arguments or else their defaults.

    None where it hangs on a value that isn't known, or is no valid reference then.
    """
    if not build_args:
        text = file.variables.bases[stage.index]
    else:
        text = expand_from(file, stage.base, global_args(file, build_args)).text
    return text if text is not None and is_reference(text) else None


def is_reference(text: str) -> bool:
    """Whether a text is a valid image reference (https://pkg.go.dev/github.com/distribution/reference)."""
    if _IMAGE_ID.fullmatch(text):
        return False
    name, has_digest, digest = text.partition("@")
    if has_digest and not _DIGEST.fullmatch(digest):
        return False
    domain, slash, rest = name.partition("/")
    is_domain = slash and ("." in domain or ":" in domain or domain == "localhost" or domain.lower() != domain)
    if is_domain:
        if not _DOMAIN.fullmatch(domain):
            return False
        name = rest
    path, colon, tag = name.rpartition(":") if ":" in name.rpartition("/")[2] else (name, "", "")
    if colon and not _TAG.fullmatch(tag):
        return False
    return len(path) <= _LONGEST_PATH and _PATH.fullmatch(path) is not None
