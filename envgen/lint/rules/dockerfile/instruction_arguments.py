import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._templates import is_templated

_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")
_ONE = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_SOME = frozenset({"ARG", "ENV", "EXPOSE", "LABEL", "VOLUME"})
_FROM_WITH_NAME = 3  # words of `FROM base AS name`


@dockerfile_rule("EG133", "instruction-arguments", Severity.ERROR, same_as=("tally/unknown-instruction",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """An instruction lacks an argument, or has one that it can't take.

    BuildKit's grammar lets these pass and its next step refuses them: COPY needs a source and a destination, FROM takes
    an image and perhaps `AS name`, SHELL wants the JSON form, and so on. Nothing of the file is built.

    Bad:

        FROM debian:12
        COPY app.py

    Good:

        FROM debian:12
        COPY app.py /app/
    """
    for one in file.instructions:
        problem = _problem(one)
        if problem:
            yield Violation(place=file.place(one), message=problem[0], hint=problem[1])


def _problem(one: Instruction) -> tuple[str, str] | None:  # noqa: PLR0911 - one for each instruction
    name, args = one.name, one.args
    if not args and (name in _ONE or name in _SOME):
        return f"`{name}` has no argument", "give it one, or remove the line"
    match name:
        case "FROM":
            return _from(args)
        case "COPY" | "ADD" if len(args) < 2:  # noqa: PLR2004 - a source and a destination
            return f"`{name}` needs a source and a destination", "name both"
        case "ENV" | "LABEL" if not all(args[::3]):
            return f"`{name}` has a pair without a name", "write `name=value`"
        case "ARG" if any(arg.startswith("=") for arg in args):
            return "`ARG` has a default without a name", "write `ARG name=default`"
        case "VOLUME" if not all(arg.strip() for arg in args):
            return "`VOLUME` has an empty path", "name the folder in the container"
        case "SHELL" if not one.is_json or not args:
            return "`SHELL` takes the JSON form only", 'write it as `SHELL ["/bin/bash", "-c"]`'
        case "ONBUILD" if one.trigger is None and not one.rest:
            return "`ONBUILD` has no instruction", "name the one to run, or remove the line"
        case "HEALTHCHECK" if not args:
            return "`HEALTHCHECK` has no argument", "write `HEALTHCHECK CMD command` or `HEALTHCHECK NONE`"
    return None


def _from(args: tuple[str, ...]) -> tuple[str, str] | None:
    if len(args) == _FROM_WITH_NAME and args[1].casefold() == "as":
        if _STAGE_NAME.fullmatch(args[2].lower()):
            return None
        return (
            f"`{args[2]}` can't be a stage's name",
            "begin with a letter, and use letters, digits, `-`, `_` and `.` only",
        )
    if len(args) == 1 or is_templated(args):
        return None
    return "`FROM` takes an image, and perhaps `AS name`", "write `FROM image AS name`; a comment needs its own line"
