"""Whether a limit limits anything: Docker takes 0 for none."""

import re

from envgen.source import Data

_SIZE = re.compile(r"([0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30}) ?([kmgtp]?)(?:i?b)?", re.IGNORECASE)
_SCALES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


def is_limit(value: Data, *, least: float = 0) -> bool:
    """Whether a number or a size is more than `least`; a variable that isn't known is taken for one."""
    match value:
        case bool() | None:
            return False
        case int() | float():
            return value > least
        case str():
            text = value.strip()
            if "$" in text:
                return True
            size = _SIZE.fullmatch(text)
            return size is not None and float(size[1]) * _SCALES[size[2].lower()] > least
        case _:
            return False


def is_memory_limit(value: Data) -> bool:
    """Whether a limit of memory is a whole byte at least."""
    return is_limit(value, least=1 - 2**-20)
