"""hadolint stumbles over heredocs that Docker reads well; this makes the copy of a Dockerfile that it is fed with."""

import re
from dataclasses import dataclass

from e2b_dockerfile_utils import DockerfileInstruction, DockerfileSyntaxError, parse_dockerfile_ast

_PREFIX = re.compile(r"^Dockerfile parse error(?: on line \d+)?: ")


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why BuildKit's grammar refuses a Dockerfile, and in which line (1-based)."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReadableCopy:
    """`text` says the same as the original; `lines[n]` is the original's line (1-based) of the copy's line n + 1.

    A Dockerfile that BuildKit's grammar refuses has a `problem` and is copied as it is.
    """

    text: str
    lines: tuple[int, ...]
    problem: SyntaxProblem | None = None

    def original_line(self, line: int) -> int:
        """The original's line of a line in the copy; a line that is not there becomes the nearest one."""
        return self.lines[min(max(line, 1), len(self.lines)) - 1]


def readable_copy(text: str) -> ReadableCopy:
    """A copy in which a blank line follows every heredoc and no terminator is indented. Never fails."""
    lines = text.split("\n")
    try:
        instructions = parse_dockerfile_ast(text).instructions
    except DockerfileSyntaxError as error:
        problem = SyntaxProblem(error.line or 1, _PREFIX.sub("", str(error)))
        return ReadableCopy(text, tuple(range(1, len(lines) + 1)), problem)
    except RecursionError:  # a JSON form of thousands of brackets
        problem = SyntaxProblem(1, "brackets are nested too deeply")
        return ReadableCopy(text, tuple(range(1, len(lines) + 1)), problem)
    with_heredocs = [instruction for instruction in instructions if instruction.heredocs]
    for line in (line for instruction in with_heredocs for line in _indented_terminators(instruction)):
        lines[line - 1] = lines[line - 1].lstrip("\t")
    ends = {instruction.end_line for instruction in with_heredocs}
    numbers = [copy for number in range(1, len(lines) + 1) for copy in ([number, 0] if number in ends else [number])]
    copied = "\n".join(lines[number - 1] if number else "" for number in numbers)
    originals = tuple(number or numbers[index - 1] for index, number in enumerate(numbers))
    return ReadableCopy(copied, originals)


def _indented_terminators(instruction: DockerfileInstruction) -> list[int]:
    """The lines that end the instruction's `<<-` heredocs; its heredocs lie below each other, the last ends it."""
    found = []
    end = instruction.end_line
    for heredoc in reversed(instruction.heredocs):
        if heredoc.chomp:
            found.append(end)
        end -= heredoc.content.count("\n") + 1
    return found
