"""Text -> Dockerfile."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from envgen.lint.dockerfile.model import Dockerfile, Instruction, Stage
from envgen.lint.dockerfile.reader import Reader, UnreadableError

_KEPT = 512  # rules about a text and rules around it want the same files soon after each other
_AS_WORDS = 3  # of `FROM base AS name`


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why BuildKit's grammar refuses a Dockerfile, and in which line (1-based)."""

    line: int
    reason: str


@lru_cache(maxsize=_KEPT)
def parse(text: str, path: str) -> Dockerfile | SyntaxProblem:
    """What a Dockerfile says, or why BuildKit's parser could not read it. Never fails; the last results are kept.

    As in that parser, an instruction that doesn't exist has no arguments and is no problem.
    """
    reader = Reader(text)
    try:
        reader.read()
    except UnreadableError as error:
        return SyntaxProblem(error.line, error.reason)
    return Dockerfile(
        path=path,
        text=text,
        instructions=tuple(reader.instructions),
        stages=_stages(reader.instructions),
        escape=reader.escape,
        directives=reader.directives,
        empty_continuations=tuple(reader.empty_continuations),
    )


def _stages(instructions: list[Instruction]) -> tuple[Stage, ...]:
    starts = [number for number, one in enumerate(instructions) if one.name == "FROM"]
    found = []
    for index, (start, end) in enumerate(pairwise([*starts, len(instructions)])):
        origin = instructions[start]
        words = origin.args
        named = len(words) >= _AS_WORDS and words[1].casefold() == "as"
        found.append(
            Stage(
                index=index,
                base=words[0] if words else "",
                name=words[2] if named else "",
                platform=origin.flag("platform"),
                origin=origin,
                instructions=tuple(instructions[start + 1 : end]),
            )
        )
    return tuple(found)
