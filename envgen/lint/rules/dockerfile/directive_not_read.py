import re
from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_LIKE = re.compile(r"#\s*([A-Za-z]{4,8})\s*=\s*(\S+)\s*$")
_VALUES = {
    "syntax": re.compile(r"docker/dockerfile|docker\.io/|[\w.-]+/[\w./-]+(?::[\w.-]+)?$"),
    "escape": re.compile(r"[\\`]$"),
    "check": re.compile(r"(?:skip|error|experimental)="),
}


@dockerfile_rule("EG181", "directive-not-read", Severity.WARNING, same_as=("tally/syntax-directive-typo",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A parser directive is misspelt or stands too low, so it is a mere comment.

    `# syntax=`, `# escape=` and `# check=` count at the very top only, above every other comment, blank line and
    instruction; the first line that is none of them ends them.

    Bad:

        # our image
        # syntax=docker/dockerfile:1
        FROM debian:12

    Good:

        # syntax=docker/dockerfile:1
        # our image
        FROM debian:12
    """
    top = file.stages[0].origin.line if file.stages else len(file.lines)
    read = {line for _, line in file.directives.values()}
    for number, line in enumerate(file.lines[: top - 1], 1):
        if "=" not in line or number in read or (match := _LIKE.match(line.strip())) is None:
            continue
        name = match[1].lower()
        meant = name if name in _VALUES else suggest.closest(name, _VALUES) or ""
        if number == 2 and name == "syntax" and file.lines[0].startswith("#!"):  # noqa: PLR2004 - BuildKit skips a shebang
            continue
        if not meant or not _VALUES[meant].match(match[2]):
            continue
        yield Violation(
            place=file.line_place(number),
            message=f"`{match[1]}` is no parser directive, so this is a mere comment"
            if meant != name
            else f"this `{name}` directive stands too low, so it is a mere comment",
            hint=f"write `# {meant}={match[2]}`, at the very top",
        )
