"""What a Dockerfile says, frozen; the terms are those of https://docs.docker.com/reference/dockerfile/."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from envgen.lint.dockerfile import shell, variables
from envgen.lint.place import Place

if TYPE_CHECKING:
    from envgen.lint.dockerfile.variables import Variables


@dataclass(frozen=True, slots=True)
class Heredoc:
    """`<<NAME` of RUN, COPY or ADD.

    `line` is the first of its content, `expand` whether variables in it are replaced.
    """

    name: str
    content: str
    line: int
    chomp: bool
    expand: bool


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    `name` is in upper case, `keyword` as written. `args` are as BuildKit's parser splits them: one text for RUN, CMD,
    ENTRYPOINT and the like in shell form, words in JSON form (`is_json`) and for the other instructions, and
    key, value, separator (`=` or "") three by three for ENV and LABEL. `flags` are as written, without quotes
    (`--from=build`). `text` is the whole instruction with its continuation lines joined. Lines are 1-based; `end_line`
    is the last one, that of a heredoc's terminator included. `stage` is the index of its stage, or None before the
    first FROM. For ONBUILD, `trigger` is the instruction that it holds. `comments` are the comment lines above as
    BuildKit collects them for descriptions: without `#`, and those up to an empty comment forgotten.
    """

    name: str
    keyword: str
    args: tuple[str, ...]
    flags: tuple[str, ...]
    is_json: bool
    heredocs: tuple[Heredoc, ...]
    text: str
    line: int
    end_line: int
    stage: int | None
    trigger: "Instruction | None" = None
    comments: tuple[str, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`, "" for a bare `--name`, None where there is no such flag; the last one wins."""
        found = None
        for flag in self.flags:
            key, _, value = flag.partition("=")
            if key == f"--{name}":
                found = value
        return found

    def flag_values(self, name: str) -> tuple[str, ...]:
        """The values of a flag that may be repeated (`--mount`)."""
        return tuple(flag.partition("=")[2] for flag in self.flags if flag.partition("=")[0] == f"--{name}")

    @property
    def pairs(self) -> tuple[tuple[str, str, str], ...]:
        """Key, value (quotes as written) and separator of an ENV or LABEL."""
        return tuple(zip(self.args[0::3], self.args[1::3], self.args[2::3], strict=False))

    @property
    def rest(self) -> str:
        """What follows the keyword, continuation lines joined, flags included."""
        return self.text.strip()[len(self.keyword) :].strip()


@dataclass(frozen=True, slots=True)
class Stage:
    """A build stage: what FROM says and the instructions below it.

    `base` is the image or stage as written (variables not expanded), `name` what follows AS, as written, or "".
    """

    index: int
    base: str
    name: str
    platform: str | None
    origin: Instruction
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile that BuildKit's grammar accepts. `text` has no byte order mark.

    `global_args` are the ARG instructions before the first FROM, `directives` the parser directives by lower-case name
    with value and line. `empty_continuations` are lines at which an instruction ends that has an empty line inside.
    """

    path: str
    text: str
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    escape: str
    directives: Mapping[str, tuple[str, int]]
    empty_continuations: tuple[int, ...]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The source lines without their ends."""
        return tuple(line.removesuffix("\r") for line in self.text.split("\n"))

    @cached_property
    def shell(self) -> shell.Shell:
        """The commands of every RUN; read once."""
        return shell.read(self)

    @property
    def global_args(self) -> tuple[Instruction, ...]:
        """The ARG instructions before the first FROM."""
        return tuple(one for one in self.instructions if one.stage is None and one.name == "ARG")

    def every(self, *names: str) -> Iterator[Instruction]:
        """The instructions of these names in order, those inside ONBUILD not included."""
        by_name = self._by_name
        present = [by_name[name] for name in names if name in by_name]
        if len(present) < 2:  # noqa: PLR2004 - one list is in order by itself
            return iter(present[0] if present else ())
        return (one for one in self.instructions if one.name in names)

    @cached_property
    def _by_name(self) -> Mapping[str, list[Instruction]]:
        found: dict[str, list[Instruction]] = {}
        for one in self.instructions:
            found.setdefault(one.name, []).append(one)
        return found

    def starting_before(self, line: int) -> Iterator[Instruction]:
        """The instructions that begin at a line (1-based) or above, the last one first."""
        at = bisect_right(self.instructions, line, key=lambda one: one.line)
        return (self.instructions[index] for index in range(at - 1, -1, -1))

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """The stage that an instruction belongs to."""
        return None if instruction.stage is None else self.stages[instruction.stage]

    def parent(self, stage: Stage) -> Stage | None:
        """The earlier stage that a stage is built on, or None where its base is an image."""
        return self.named_stage(stage.base, before=stage.index)

    def named_stage(self, name: str, before: int | None = None) -> Stage | None:
        """The last stage of this name (case doesn't matter) among those before an index."""
        numbers = self._stage_numbers.get(name.casefold(), [])
        at = len(numbers) if before is None else bisect_left(numbers, before)
        return self.stages[numbers[at - 1]] if at else None

    @cached_property
    def _stage_numbers(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for stage in self.stages:
            if stage.name:
                found.setdefault(stage.name.casefold(), []).append(stage.index)
        return found

    @cached_property
    def variables(self) -> "Variables":
        """The variables that are set at each instruction without build arguments."""
        return variables.Variables(self)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all its instructions, those inside ONBUILD included."""
        return frozenset(one.name for one in self.instructions) | {
            one.trigger.name for one in self.instructions if one.trigger
        }

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """The stage itself, the stage it is built on, and so on."""
        found = [stage]
        while (parent := self.parent(found[-1])) is not None:
            found.append(parent)
        return tuple(found)

    def comment(self, line: int) -> str | None:
        """The text of a comment line (1-based) behind its `#`, or None where the line is none."""
        stripped = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
        return stripped[1:].strip() if stripped.startswith("#") else None

    def place(self, instruction: Instruction, part: str | None = None, *, nth: int = 0) -> Place:
        """Where an instruction's keyword stands, or the nth (0-based) occurrence of a part of it.

        A part is looked for as it is written, as a whole word first, behind the keyword, in the instruction's lines
        that are no comments, heredocs included; one that isn't found (it spans lines) has the place of the keyword.
        """
        first = self.lines[instruction.line - 1] if instruction.line <= len(self.lines) else ""
        start = len(first) - len(first.lstrip())
        keyword = Place(instruction.line, start + 1, max(len(instruction.keyword), 1))
        if not part:
            return keyword
        return self._find(instruction, part, nth, start + len(instruction.keyword)) or keyword

    def line_place(self, line: int) -> Place:
        """A whole line (1-based) without its indentation."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Place(line, len(text) - len(text.lstrip()) + 1, max(len(text.strip()), 1))

    def _find(self, instruction: Instruction, part: str, nth: int, start: int) -> Place | None:
        last = min(instruction.end_line, len(self.lines))
        for is_whole in (True, False):
            left = nth
            for number in range(instruction.line, last + 1):
                line = self.lines[number - 1]
                begin = start if number == instruction.line else 0
                if not begin and number != instruction.line and line.lstrip().startswith("#"):
                    continue
                for at in _occurrences(line, part, begin, is_whole=is_whole):
                    if left == 0:
                        return Place(number, at + 1, max(len(part), 1))
                    left -= 1
        return None


def _occurrences(line: str, part: str, begin: int, *, is_whole: bool) -> Iterator[int]:
    """Where a part stands in a line from an offset on; `is_whole`: only where no word goes on before or behind it."""
    at = line.find(part, begin)
    while at >= 0:
        end = at + len(part)
        before, behind = line[at - 1 : at] if at > begin else "", line[end : end + 1]
        if is_whole and (_goes_on(before) or before == "." or _goes_on(behind)):
            at = line.find(part, at + 1)
        else:
            yield at
            at = line.find(part, end)


def _goes_on(character: str) -> bool:
    return character.isalnum() or character in {"_", "-"}
