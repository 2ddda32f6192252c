"""Platforms as FROM takes them, such as `linux/arm64` (https://pkg.go.dev/github.com/containerd/platforms)."""

import re

_OS = re.compile(r"([A-Za-z0-9_-]+)(?:\([A-Za-z0-9_.%-]*(?:\+[A-Za-z0-9_.%-]+)*\))?")
_PART = re.compile(r"[A-Za-z0-9_.-]+")
_OSES = frozenset(
    (
        *(
            "aix",
            "android",
            "darwin",
            "dragonfly",
            "freebsd",
            "hurd",
            "illumos",
            "ios",
            "js",
            "linux",
            "nacl",
            "netbsd",
        ),
        *("openbsd", "plan9", "solaris", "windows", "zos"),
    )
)
_ARCHITECTURES = frozenset(
    (
        *(
            "386",
            "amd64",
            "amd64p32",
            "arm",
            "armbe",
            "arm64",
            "arm64be",
            "ppc64",
            "ppc64le",
            "loong64",
            "mips",
            "mipsle",
        ),
        *(
            "mips64",
            "mips64le",
            "mips64p32",
            "mips64p32le",
            "ppc",
            "riscv",
            "riscv64",
            "s390",
            "s390x",
            "sparc",
            "sparc64",
        ),
        "wasm",
    )
)
_SAME_ARCHITECTURE = {
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
}
_MOST_PARTS = 3


def parse(text: str) -> tuple[str, str] | None:
    """Operating system and architecture of a platform, None where it is none."""
    parts = text.split("/", _MOST_PARTS)
    system = _OS.fullmatch(parts[0])
    if system is None or len(parts) > _MOST_PARTS or not all(_PART.fullmatch(part) for part in parts[1:]):
        return None
    name = system[1].lower()
    name = "darwin" if name == "macos" else name
    if len(parts) > 1:
        return name, _architecture(parts[1])
    if name in _OSES:
        return name, "amd64"
    architecture = _architecture(parts[0])
    return ("linux", architecture) if architecture in _ARCHITECTURES else None


def _architecture(text: str) -> str:
    return _SAME_ARCHITECTURE.get(text.lower(), text.lower())
