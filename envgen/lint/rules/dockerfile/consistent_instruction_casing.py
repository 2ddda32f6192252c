from collections.abc import Iterator

from envgen.finding import Fix, Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line, replaced

_WITH_NAME = 3  # words of `FROM base AS name`


@dockerfile_rule(
    "EG104",
    "consistent-instruction-casing",
    Severity.STYLE,
    same_as=("buildkit/ConsistentInstructionCasing", "dockerfile-utils/CASING_INSTRUCTION"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """All instructions should be in one case.

    `RUN`, `run` and `Run` are one to Docker. A mixture hides instructions from readers and searches; the case that most
    of them have wins, upper case where there are as many of both.

    Bad:

        FROM debian:12
        run true
        CMD ["bash"]

    Good:

        FROM debian:12
        RUN true
        CMD ["bash"]
    """
    in_stages = [one for one in file.instructions if one.stage is not None]
    lower = sum(1 for one in in_stages if one.keyword == one.keyword.lower())
    upper = sum(1 for one in in_stages if one.keyword == one.name and one.keyword != one.keyword.lower())
    is_lower = lower > upper
    case = "lower" if is_lower else "upper"
    for one in in_stages:
        wanted = one.keyword.lower() if is_lower else one.name
        if one.keyword != wanted:
            place = file.place(one)
            yield Violation(
                place=place,
                message=f"`{one.keyword}` is not in {case} case like most instructions here",
                hint=f"write `{wanted}`",
                fix=_fix(file, one, wanted),
            )


def _fix(file: Dockerfile, one: Instruction, wanted: str) -> Fix | None:
    """Writes the keyword, and the `AS` of a FROM with it, which has to be in the same case."""
    fix = replaced(file, file.place(one), one.keyword, wanted)
    if fix is None or one.name != "FROM" or len(one.args) < _WITH_NAME:
        return fix
    written = one.args[1]
    place = in_first_line(file, one, written, nth=one.args[0].split("/").count(written))
    as_word = replaced(file, place, written, written.lower() if wanted == "from" else written.upper())
    return Fix(fix.edits + as_word.edits) if as_word else None
