"""Places and fixes of BuildKit's checks, which name the line at which an instruction begins."""

import re
from collections.abc import Iterator
from itertools import islice

from envgen.finding import Edit, Fix
from envgen.lint.dockerfile import Dockerfile, Instruction, Stage
from envgen.lint.dockerfile.variables import Command
from envgen.lint.place import Place

_MOST_USES = 100  # of one variable in one line that are told apart


def in_first_line(file: Dockerfile, one: Instruction, part: str | None = None, *, nth: int = 0) -> Place:
    """Where the nth occurrence of a part of an instruction stands, or the keyword where that is in a later line."""
    place = file.place(one, part, nth=nth)
    return place if place.line == one.line else file.place(one)


def of_variable(file: Dockerfile, one: Instruction, name: str, nth: int) -> Place:
    """Where the nth use of a variable stands, or the keyword where that is not in an instruction's first line."""
    if nth < _MOST_USES:
        uses = islice(re.finditer(rf"\$\{{?{re.escape(name)}(?!\w)", file.lines[one.line - 1]), nth, None)
        match = next(uses, None)
        if match:
            return Place(one.line, match.start() + 1, match.end() - match.start())
    return file.place(one)


def replaced(file: Dockerfile, place: Place, old: str, new: str) -> Fix | None:
    """The fix that writes `new` instead of the `old` that stands at a place, None where something else does."""
    start = place.column - 1
    if file.lines[place.line - 1][start : start + len(old)] != old:
        return None
    return Fix((Edit(place.line, place.column, place.line, place.column + len(old), new),))


def commands(file: Dockerfile, *names: str) -> Iterator[tuple[Stage, Command]]:
    """The instructions of these names that run in the stages, the ONBUILD triggers of other stages included."""
    if file.names.isdisjoint(names):
        return
    for stage in file.stages:
        for command in file.variables.commands(stage):
            if command.instruction.name in names:
                yield stage, command


def place_of(file: Dockerfile, command: Command, part: str | None = None, *, nth: int = 0) -> Place:
    """Where a part of what runs in a stage stands; the FROM for a trigger of another stage."""
    if command.instruction is command.origin:
        return in_first_line(file, command.origin, part, nth=nth)
    return file.place(command.origin)
