"""Which variables are set where in a Dockerfile, and to what, as BuildKit evaluates ARG, ENV and FROM.

Source of the behaviour: frontend/dockerfile/dockerfile2llb of https://github.com/moby/buildkit (2026-08). Platforms are
taken for linux/amd64.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from e2b_dockerfile_utils import chomp_heredoc_content, parse_heredoc

from envgen.lint.dockerfile import images, shellwords
from envgen.lint.dockerfile.base_variables import of_image
from envgen.lint.dockerfile.shellwords import MISSING, Expansion, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envgen.lint.dockerfile.model import Dockerfile, Instruction, Stage

_LONGEST_LINEAGE = 128  # stages built on one another; Docker has a limit of 127 layers
_MOST_HINTS = 100  # names that are compared with all others
_MOST_TRIGGERS = 10_000
_NOT_VARIABLES = frozenset({"BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"})
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Command:
    """An instruction that runs in a stage; `origin` is where BuildKit places it.

    That is the instruction itself, or for an ONBUILD of the stage below, which runs first, the FROM.
    """

    instruction: Instruction
    origin: Instruction


@dataclass(frozen=True, slots=True)
class Undefined:
    """A variable that an instruction uses and that isn't set there.

    `nth` says which of the instruction's uses of it this is, from 0. `near` is a set variable of nearly that name.
    `is_certain` is False where the base image, of which nothing is known, may set it.
    """

    origin: Instruction
    name: str
    nth: int
    near: str | None
    is_certain: bool


@dataclass(slots=True)
class Scope:
    """The variables of a stage.

    `values` are name -> changes as (moment, value), None standing for a value that isn't known; `declared` the moment
    of an ARG. `is_open` says that there may be more variables than these.
    """

    parent: Scope | None
    depth: int
    is_open: bool
    values: dict[str, list[tuple[int, str | None]]] = field(default_factory=dict)
    declared: dict[str, int] = field(default_factory=dict)

    def get(self, name: str, moment: int) -> Value:
        """The value of a variable at a moment of the stage."""
        scope: Scope | None = self
        while scope is not None:
            changes = scope.values.get(name)
            if changes:
                last = len(changes) - 1
                if scope is self and changes[last][0] >= moment:
                    last = bisect_right(changes, moment - 1, key=lambda change: change[0]) - 1
                if last >= 0:
                    return changes[last][1]
            scope = scope.parent
        return MISSING

    def is_declared(self, name: str, moment: int) -> bool:
        """Whether there is an ARG of this name before a moment."""
        if self.declared.get(name, moment) < moment:
            return True
        scope = self.parent
        while scope is not None:
            if name in scope.declared:
                return True
            scope = scope.parent
        return False

    def names(self) -> Iterator[str]:
        """The variables that are set at its end."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.values
            scope = scope.parent


class Variables:
    """The variables of a Dockerfile, evaluated once for some build arguments."""

    def __init__(self, file: Dockerfile, build_args: Mapping[str, str | None] | None = None) -> None:
        self.file = file
        self.build_args = build_args or {}
        self.globals = images.global_args(file, build_args)
        self.undefined: list[Undefined] = []
        self.bases: list[str | None] = []
        self.parents: list[int | None] = []
        self._scopes: list[Scope] = []
        self._moments: dict[int, int] = {}
        self._triggers = frozenset(id(one.trigger) for one in file.instructions if one.trigger)
        self._link_stages()
        self._triggered = self._stages_with_triggers()
        for stage in file.stages:
            self._evaluate(stage)

    def commands(self, stage: Stage) -> Iterator[Command]:
        """What runs in a stage: the ONBUILD triggers of the stage it is built on, then its own instructions."""
        parent = self.parents[stage.index]
        if parent is not None and stage.index in self._triggered:
            for one in self.file.stages[parent].instructions:
                if one.trigger is not None:
                    yield Command(one.trigger, stage.origin)
        for one in stage.instructions:
            yield Command(one, one)

    def expansion(self, instruction: Instruction, word: str) -> Expansion:
        """A word of an instruction with its variables replaced, one that isn't set by nothing as BuildKit does.

        The text is None where it hangs on what the base image sets, or on where an ONBUILD trigger will run.
        """
        if instruction.stage is None or instruction.name == "FROM":
            return images.expand_from(self.file, word, self.globals)
        moment = self._moments.get(instruction.line)
        is_trigger = moment is None or id(instruction) in self._triggers
        if is_trigger and "$" in word:
            return Expansion(None)
        return self._expand(self._scopes[instruction.stage], moment or 0, word)

    def expansion_in(self, stage: Stage, command: Command, word: str) -> Expansion:
        """The same for a word of what runs in a stage, an ONBUILD trigger included."""
        if command.instruction is command.origin:
            return self.expansion(command.instruction, word)
        return self._expand(self._scopes[stage.index], 0, word)

    def _expand(self, scope: Scope, moment: int, word: str, *, escape: str = "", has_quotes: bool = True) -> Expansion:
        def lookup(name: str) -> Value:
            return scope.get(name, moment)

        found = shellwords.expand(word, lookup, escape or self.file.escape, has_quotes=has_quotes)
        if found.missing and scope.is_open:
            return Expansion(None, found.used, found.missing, found.error)
        return found

    def _link_stages(self) -> None:
        by_name: dict[str, int] = {}
        for stage in self.file.stages:
            base = images.expand_from(self.file, stage.base, self.globals).text
            self.bases.append(base)
            self.parents.append(by_name.get(base) if base is not None else None)
            if stage.name:
                by_name[stage.name.lower()] = stage.index

    def _stages_with_triggers(self) -> frozenset[int]:
        """The stages that run the triggers of others: BuildKit runs those of stages that the last one needs."""
        if not any(one.name == "ONBUILD" for one in self.file.instructions):
            return frozenset()
        names = {stage.name.lower(): stage.index for stage in self.file.stages if stage.name}
        found: set[int] = set()
        waiting = [len(self.file.stages) - 1] if self.file.stages else []
        while waiting:
            index = waiting.pop()
            if index in found:
                continue
            found.add(index)
            parent = self.parents[index]
            waiting += [] if parent is None else [parent]
            for one in self.file.stages[index].instructions:
                for source in _sources(one):
                    number = int(source) if source.isdecimal() else names.get(source.lower(), -1)
                    if 0 <= number < len(self.file.stages):
                        waiting.append(number)
        return frozenset(self._affordable(found))

    def _affordable(self, stages: set[int]) -> Iterator[int]:
        """The stages as long as there are not too many triggers to run: a file could hold millions."""
        counts = [sum(1 for one in stage.instructions if one.trigger) for stage in self.file.stages]
        left = _MOST_TRIGGERS
        for index in sorted(stages):
            parent = self.parents[index]
            left -= counts[parent] if parent is not None else 0
            if left >= 0:
                yield index

    def _root(self, stage: Stage) -> Scope:
        base = self.bases[stage.index]
        if base == "scratch":
            return Scope(None, 0, is_open=False, values={"PATH": [(-1, _DEFAULT_PATH)]})
        names = of_image(base) if base is not None else None
        values: dict[str, list[tuple[int, str | None]]] = {name: [(-1, None)] for name in ("PATH", *(names or ()))}
        return Scope(None, 0, is_open=names is None, values=values)

    def _evaluate(self, stage: Stage) -> None:
        parent = self.parents[stage.index]
        below = self._root(stage) if parent is None else self._scopes[parent]
        if below.depth >= _LONGEST_LINEAGE:
            below = Scope(None, 0, is_open=True)
        scope = Scope(below, below.depth + 1, below.is_open)
        self._scopes.append(scope)
        moment = 0
        for command in self.commands(stage):
            if command.instruction is command.origin:
                self._moments[command.instruction.line] = moment
            moment = self._run(scope, command, moment)

    def _run(self, scope: Scope, command: Command, moment: int) -> int:
        """Reports what a command uses and isn't set, and notes what it sets; gives the moment after it."""
        one = command.instruction
        if one.name == "ARG":
            return self._run_arg(scope, command, moment)
        uses: dict[str, int] = {}
        if "$" in one.text or one.heredocs:
            for word in expanded_words(one):
                if "$" in word:
                    self._report(scope, command, moment, self._expand(scope, moment, word), uses)
            for body in _expanded_bodies(one):
                found = self._expand(scope, moment, body, escape="\\", has_quotes=False)
                self._report(scope, command, moment, found, uses)
        if one.name != "ENV":
            return moment
        pairs = [(self._expand(scope, moment, key).text or key, value) for key, value, _ in one.pairs]
        texts = [(key, self._expand(scope, moment, value).text) for key, value in pairs]
        for key, text in texts:
            scope.values.setdefault(key, []).append((moment, text))
        return moment + 1

    def _run_arg(self, scope: Scope, command: Command, moment: int) -> int:
        uses: dict[str, int] = {}
        for word in command.instruction.args:
            name, has_default, default = word.partition("=")
            value: Value = MISSING
            if name in self.build_args:
                value = self.build_args[name]
            elif has_default:
                found = self._expand(scope, moment, default)
                self._report(scope, command, moment, found, uses)
                value = found.text
            else:
                value = self.globals.get(name, MISSING)
            if value is not MISSING and name not in _NOT_VARIABLES:
                scope.values.setdefault(name, []).append((moment, value))
            scope.declared.setdefault(name, moment)
            moment += 1
        return moment

    def _report(self, scope: Scope, command: Command, moment: int, found: Expansion, uses: dict[str, int]) -> None:
        for name in found.missing:
            nth = uses.get(name, 0)
            uses[name] = nth + 1
            if name not in _NOT_VARIABLES and not scope.is_declared(name, moment):
                near = closest(name, scope.names()) if len(self.undefined) < _MOST_HINTS else None
                self.undefined.append(Undefined(command.origin, name, nth, near, is_certain=not scope.is_open))


def expand(file: Dockerfile, instruction: Instruction, word: str) -> str | None:
    """A word of an instruction with its variables replaced by what ARG and ENV set by default.

    None where one isn't set, or hangs on the base image or on a build argument.
    """
    found = file.variables.expansion(instruction, word)
    return None if found.missing else found.text


def expanded_words(one: Instruction) -> Iterator[str]:
    """The words of an instruction in which BuildKit replaces variables, ARG's and those of FROM not included."""
    match one.name:
        case "ENV" | "LABEL":
            for key, value, _ in one.pairs:
                yield key
                yield value
        case "WORKDIR" | "USER" | "STOPSIGNAL" | "VOLUME":
            yield from one.args
        case "COPY" | "ADD":
            for flag in ("chown", "chmod", *(("checksum",) if one.name == "ADD" else ())):
                yield one.flag(flag) or ""
            yield from (word for word in one.args if not _is_heredoc(word))
        case "RUN":
            for mount in one.flag_values("mount"):
                for option in _fields(mount):
                    yield option.partition("=")[2]


def closest(name: str, names: Iterator[str]) -> str | None:
    """The nearest of some names that differs in two letters at most."""
    best, limit = None, 3
    for other in names:
        if abs(len(other) - len(name)) < limit and other != name:
            distance = _distance(name, other, limit)
            if distance < limit:
                best, limit = other, distance
    return best


def _distance(one: str, other: str, limit: int) -> int:
    """How many letters have to be added, dropped or changed; `limit` where it is that many or more."""
    before = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            current.append(min(before[column] + 1, current[-1] + 1, before[column - 1] + (left != right)))
        if min(current) >= limit:
            return limit
        before = current
    return min(before[-1], limit)


def _sources(one: Instruction) -> Iterator[str]:
    """The stages and images that an instruction takes files from."""
    if one.name == "COPY":
        yield one.flag("from") or ""
    elif one.name == "RUN":
        for mount in one.flag_values("mount"):
            yield from (option[5:] for option in _fields(mount) if option.startswith("from="))


def _fields(mount: str) -> list[str]:
    return next(csv.reader([mount]), []) if '"' in mount else mount.split(",")


def _is_heredoc(word: str) -> bool:
    if "<<" not in word:
        return False
    try:
        return parse_heredoc(word) is not None
    except ValueError:
        return False


def _expanded_bodies(one: Instruction) -> Iterator[str]:
    if one.name in {"COPY", "ADD"}:
        for heredoc in one.heredocs:
            if heredoc.expand and "$" in heredoc.content:
                yield chomp_heredoc_content(heredoc.content) if heredoc.chomp else heredoc.content
