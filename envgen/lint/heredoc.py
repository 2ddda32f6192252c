"""hadolint stumbles over heredocs that Docker reads well; this makes the copy of a Dockerfile that it is fed with."""

from dataclasses import dataclass, replace

from envgen.lint.dockerfile import Dockerfile, Instruction, SyntaxProblem, parse
from envgen.lint.dockerfile.arguments import KNOWN


@dataclass(frozen=True, slots=True)
class ReadableCopy:
    """`text` says the same as the original; `lines[n]` is the original's line (1-based) of the copy's line n + 1.

    `ranges` are the first and last line of each instruction in the original. A Dockerfile that BuildKit's grammar
    refuses has a `problem` and is copied as it is.
    """

    text: str
    lines: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...] = ()
    problem: SyntaxProblem | None = None

    def original_line(self, line: int) -> int:
        """The original's line of a line in the copy; a line that is not there becomes the nearest one."""
        return self.lines[min(max(line, 1), len(self.lines)) - 1]

    def without(self, line: int) -> "ReadableCopy | None":
        """The copy with comments for the instruction at, or before, a line of the original; None where there is none.

        What stood there can't be checked then, but everything around it can.
        """
        before = [(start, end) for start, end in self.ranges if start <= line]
        if not before:
            return None
        start, end = before[-1]
        hidden = [
            "#" if start <= original <= end else text
            for text, original in zip(self.text.split("\n"), self.lines, strict=True)
        ]
        return replace(self, text="\n".join(hidden), ranges=tuple(one for one in self.ranges if one != (start, end)))


def readable_copy(text: str) -> ReadableCopy:
    """A copy in which a blank line follows every heredoc and no terminator is indented. Never fails."""
    lines = text.split("\n")
    parsed = parse(text, "")
    problem = _problem(parsed)
    if problem or isinstance(parsed, SyntaxProblem):
        return ReadableCopy(text, tuple(range(1, len(lines) + 1)), problem=problem)
    with_heredocs = [instruction for instruction in parsed.instructions if instruction.heredocs]
    for line in (line for instruction in with_heredocs for line in _indented_terminators(instruction)):
        lines[line - 1] = lines[line - 1].lstrip("\t")
    ends = {instruction.end_line for instruction in with_heredocs}
    numbers = [copy for number in range(1, len(lines) + 1) for copy in ([number, 0] if number in ends else [number])]
    copied = "\n".join(lines[number - 1] if number else "" for number in numbers)
    originals = tuple(number or numbers[index - 1] for index, number in enumerate(numbers))
    ranges = tuple((instruction.line, instruction.end_line) for instruction in parsed.instructions)
    return ReadableCopy(copied, originals, ranges)


def _problem(parsed: Dockerfile | SyntaxProblem) -> SyntaxProblem | None:
    """Why BuildKit refuses the file, if it does; an instruction that doesn't exist is read first, then refused."""
    if isinstance(parsed, SyntaxProblem):
        return parsed
    unknown = next((one for one in parsed.instructions if one.name not in KNOWN), None)
    return SyntaxProblem(unknown.line, f"unknown instruction: {unknown.keyword}") if unknown else None


def _indented_terminators(instruction: Instruction) -> list[int]:
    """The lines that end the instruction's `<<-` heredocs; its heredocs lie below each other, the last ends it."""
    found = []
    end = instruction.end_line
    for heredoc in reversed(instruction.heredocs):
        if heredoc.chomp:
            found.append(end)
        end -= heredoc.content.count("\n") + 1
    return found
