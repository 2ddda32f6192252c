import re
from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.signals import SIGNALS, is_taken


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
        if not is_taken(given):
            yield Violation(
                place=file.place(one, one.args[0]),
                message=f"there is no signal `{one.args[0]}`",
                hint=suggest.hint(given.upper(), [f"SIG{known}" for known in SIGNALS]),
            )
