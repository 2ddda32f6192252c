from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.signals import is_signal, is_taken

_DEADLY = {"KILL": "ends", "9": "ends", "STOP": "freezes", "19": "freezes"}


@dockerfile_rule("EG182", "stopsignal-kills", Severity.WARNING, same_as=("tally/no-ungraceful-stopsignal",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """STOPSIGNAL is a signal that no program can react to.

    SIGKILL and SIGSTOP reach the kernel only: `docker stop` then tears the program down in the middle of its work, or
    freezes it and waits ten seconds for nothing. Docker sends SIGKILL by itself when the time to stop is over. A
    number above 64 reaches nobody at all.

    Bad:

        FROM debian:12
        STOPSIGNAL SIGKILL

    Good:

        FROM debian:12
        STOPSIGNAL SIGINT
    """
    for one in file.every("STOPSIGNAL"):
        what = _DEADLY.get(one.args[0].strip("\"'").upper().removeprefix("SIG")) if one.args else None
        if one.args and is_taken(one.args[0].strip("\"'")) and not is_signal(one.args[0].strip("\"'")):
            yield Violation(
                place=file.place(one, one.args[0]),
                message=f"there is no signal {one.args[0]}: Linux has those from 1 to 64",
                hint="use SIGTERM, or the signal that the program knows for a clean end",
            )
        if what is not None:
            yield Violation(
                place=file.place(one, one.args[0]),
                message=f"`{one.args[0]}` {what} the program without telling it",
                hint="use SIGTERM, or the signal that the program knows for a clean end",
            )
