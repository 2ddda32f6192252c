"""Memory sizes in Docker's notation."""

import re

_SIZE = re.compile(r"^(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[kmgtp]?)(?:i?b)?$", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


def size_in_bytes(text: object) -> int | None:
    """`512m`, `1.5g` or a number of bytes, in bytes (docker/go-units RAMInBytes); None for anything else."""
    match = _SIZE.match(str(text)) if isinstance(text, str | int | float) and not isinstance(text, bool) else None
    return int(float(match["number"]) * _FACTORS[match["unit"].lower()]) if match else None
