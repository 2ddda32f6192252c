"""How people name rules: by code, by name, or by a glob such as `EG2*`, `DL30*` or `*-port-*`."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from envgen import suggest

_OF_HADOLINT = re.compile(r"(?:DL|SC)\d{4}")
_WILD = re.compile(r"[*?\[]")


def is_glob(text: str) -> bool:
    """Whether a text names rules by a glob."""
    return _WILD.search(text) is not None


def covers(pattern: str, keys: Iterable[str]) -> bool:
    """Whether a code, name or glob stands for the rule with these codes and names (folded); case doesn't matter."""
    pattern = pattern.casefold()
    return any(fnmatchcase(key, pattern) for key in keys) if is_glob(pattern) else pattern in keys


def is_of_hadolint(text: str) -> bool:
    """Whether a text has the form of hadolint's and ShellCheck's codes."""
    return _OF_HADOLINT.fullmatch(text.upper()) is not None


def is_known(pattern: str, names: Mapping[str, str]) -> bool:
    """Whether there is such a rule; `names` maps envgen's codes to names, of hadolint's only the form is known."""
    if is_of_hadolint(pattern):
        return True
    if is_glob(pattern):
        start = _WILD.split(pattern.upper())[0]
        return start in {"", "DL", "SC"} or is_of_hadolint(f"{start:0<6}") or _covers_any(pattern, names)
    return _covers_any(pattern, names)


def hint(pattern: str, names: Mapping[str, str]) -> str:
    """What a name that no rule has may have meant."""
    near = suggest.closest(pattern, [*names, *names.values()])
    return f"did you mean `{near}`?" if near else "a rule is named by its code, its name, or a glob such as `DL30*`"


def _covers_any(pattern: str, names: Mapping[str, str]) -> bool:
    return any(covers(pattern, (code.casefold(), name.casefold())) for code, name in names.items())
