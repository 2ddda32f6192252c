from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell import Script
from envgen.lint.place import Place
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG150", "comment-swallows-command", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    r"""A `#` behind a command makes a comment of all that follows in the RUN.

    Docker joins continued lines to one before the shell sees them, so the comment goes on to the end: the commands of
    the next lines never run, and the build says nothing. Only a line that begins with `#` is a comment of its own.

    Bad:

        FROM debian:12
        RUN apt-get update # the index \
            && apt-get install -y curl

    Good:

        FROM debian:12
        RUN apt-get update \
            # the index
            && apt-get install -y curl
    """
    for script in file.shell.scripts:
        if script.comments and script.heredoc is None and script.outer is None and not script.is_exec:
            yield from _in_script(script)


def _in_script(script: Script) -> Iterator[Violation]:
    for start, end in script.comments:
        later = [segment for segment in script.segments if start < segment[0] < end]
        if later and script.text[later[0][0] : end].strip():
            place = script.place(start, later[0][0])
            yield Violation(
                place=Place(place.line, place.column, place.width),
                message=f"this comment goes on to line {script.instruction.end_line}: what stands there never runs",
                hint="give the comment a line of its own, which begins with `#`",
            )
