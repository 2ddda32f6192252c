"""ARG: names, what is predefined, and where variables are read."""

import re

from envgen.lint.dockerfile import Instruction

_READ = re.compile(r"\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))")
# https://docs.docker.com/reference/dockerfile/#predefined-args and #buildkit-built-in-build-args, 2026-11
_PREDEFINED = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"),
        *("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE"),
        *("BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT", "SOURCE_DATE_EPOCH"),
    }
)


def names(arg: Instruction) -> tuple[str, ...]:
    """The names that an ARG declares."""
    return tuple(word.partition("=")[0].strip("\"'") for word in arg.args)


def is_predefined(name: str) -> bool:
    """Whether Docker, or its build history, gives the ARG a meaning of its own."""
    return name.upper() in _PREDEFINED or name.startswith("BUILDKIT_")


def referenced(text: str) -> set[str]:
    """The variables that a text reads as `$NAME` or `${NAME...}`."""
    return {first or second for first, second in _READ.findall(text)}
