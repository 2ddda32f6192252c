"""The signals that Docker knows, as STOPSIGNAL and `stop_signal` name them.

Source: https://github.com/moby/sys/blob/main/signal/signal_linux.go, read 2026-11-23.
"""

import re

SIGNALS = (
    *("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL"),
    *("PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1"),
    *("USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX"),
    *(f"RTMIN+{number}" for number in range(1, 16)),
    *(f"RTMAX-{number}" for number in range(1, 15)),
)
_KNOWN = frozenset(SIGNALS)
_NUMBER = re.compile(r"[-+]?\d+")
_LAST = 64  # SIGRTMAX


def is_taken(text: str) -> bool:
    """Whether Docker takes a text for a signal: a name with or without `SIG`, in any case, or any number but 0."""
    if _NUMBER.fullmatch(text):
        return int(text[-9:]) != 0
    return text.upper().removeprefix("SIG") in _KNOWN


def is_signal(text: str) -> bool:
    """Whether a text that Docker takes is a signal of Linux, too: those have the numbers 1 to 64."""
    if _NUMBER.fullmatch(text):
        return len(text) < 9 and 0 < int(text) <= _LAST  # noqa: PLR2004 - more digits than any signal
    return is_taken(text)
