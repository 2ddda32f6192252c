"""Memory sizes in Docker's notation."""

import re
from collections.abc import Mapping

from envgen.interpolation import Interpolated, InterpolationError, parse
from envgen.source import Data

_SIZE = re.compile(r"^(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[kmgtp]?)(?:i?b)?$", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


def size_in_bytes(text: object) -> int | None:
    """`512m`, `1.5g` or a number of bytes, in bytes (docker/go-units RAMInBytes); None for anything else."""
    match = _SIZE.match(str(text)) if isinstance(text, str | int | float) and not isinstance(text, bool) else None
    return int(float(match["number"]) * _FACTORS[match["unit"].lower()]) if match else None


def limit_in_bytes(*layers: Mapping[str, Data]) -> int | None:
    """The memory limit that services laid over each other have, the uppermost first; None without a known one.

    Of a limit that compose fills in, it is the default.
    """
    for layer in layers:
        node: Data = layer.get("deploy")
        for key in ("resources", "limits", "memory"):
            node = node.get(key) if isinstance(node, dict) else None
        size = size_in_bytes(_default(node) or _default(layer.get("mem_limit")))
        if size:
            return size
    return None


def _default(limit: Data) -> Data:
    try:
        text = parse(limit) if isinstance(limit, str) else limit
    except InterpolationError:
        return None  # reported with all other texts
    return text.default if isinstance(text, Interpolated) else text
