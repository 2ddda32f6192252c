import re
from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_SIGNALS = (
    *("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL"),
    *("PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1"),
    *("USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX"),
    *(f"RTMIN+{number}" for number in range(1, 16)),
    *(f"RTMAX-{number}" for number in range(1, 15)),
)
_KNOWN = frozenset(_SIGNALS)
_NUMBER = re.compile(r"[-+]?\d+")


@dockerfile_rule(
    "EG138", "stopsignal-invalid", Severity.ERROR, same_as=("dockerfile-utils/INVALID_STOPSIGNAL", "df-doctor/DD079")
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """STOPSIGNAL names a signal that doesn't exist.

    Docker takes a number or a name with or without `SIG` (`SIGTERM`, `QUIT`, `SIGRTMIN+3`) and refuses all others with
    "invalid signal". Quotes are no part of a name.

    Bad:

        FROM debian:12
        STOPSIGNAL SIGSTOPP

    Good:

        FROM debian:12
        STOPSIGNAL SIGQUIT
    """
    for one in file.every("STOPSIGNAL"):
        if not one.args or "$" in one.args[0]:
            continue
        given = re.sub(r"[\"'\\]", "", one.args[0])
        name = given.upper().removeprefix("SIG")
        if name not in _KNOWN and (not _NUMBER.fullmatch(given) or int(given[-9:]) == 0):
            yield Violation(
                place=file.place(one, one.args[0]),
                message=f"there is no signal `{one.args[0]}`",
                hint=suggest.hint(given.upper(), [f"SIG{known}" for known in _SIGNALS]),
            )
