from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG103", "no-empty-continuation", Severity.WARNING, same_as=("buildkit/NoEmptyContinuation",))
def check(file: Dockerfile) -> Iterator[Violation]:
    r"""An instruction that goes on with a backslash should have no empty line inside.

    Docker skips the empty line and takes what follows for the same instruction, which few readers expect. It is
    deprecated and will become an error.

    Bad:

        FROM debian:12
        RUN apt-get update \

            && apt-get install -y curl

    Good:

        FROM debian:12
        RUN apt-get update \
            && apt-get install -y curl
    """
    for end in file.empty_continuations:
        yield Violation(
            place=file.line_place(end),
            message="the instruction that ends here has an empty line inside",
            hint="remove the empty line, or end the instruction before it",
            fix=_without_empty_lines(file, end),
        )


def _without_empty_lines(file: Dockerfile, end: int) -> Fix | None:
    """Takes out the empty lines above the end of an instruction up to where it begins."""
    start = next((one.line for one in file.starting_before(end)), end)
    empty = [number for number in range(start, end) if not file.lines[number - 1].strip()]
    if not file.lines[end - 1].strip():
        return None
    return Fix(tuple(Edit(number, 1, number + 1, 1, "") for number in empty))
