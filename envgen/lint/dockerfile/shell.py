"""The shell texts of a Dockerfile's RUN instructions as commands, every word with its place; read once per file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from envgen.lint.dockerfile.shell_split import Command, split
from envgen.lint.place import Place

if TYPE_CHECKING:
    from envgen.lint.dockerfile.model import Dockerfile, Heredoc, Instruction

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"})
_WINDOWS = re.compile(r"nanoserver|servercore|windows", re.IGNORECASE)
_HEREDOC_ONLY = re.compile(r"\d*<<-?\s*['\"]?[^<'\"\s]+['\"]?\s*$")
_DEEPEST = 4  # of `sh -c` in `sh -c`


@dataclass(frozen=True)
class Script:
    """One shell text of a RUN: its shell form, a heredoc that a shell reads, its JSON form, or what `sh -c` is given.

    `instruction` is the RUN (for ONBUILD RUN the ONBUILD's trigger). `outer` is the script and the command that hands
    this one to a shell.
    """

    file: Dockerfile
    instruction: Instruction
    text: str
    commands: tuple[Command, ...]
    comments: tuple[tuple[int, int], ...] = ()
    heredoc: Heredoc | None = None
    outer: tuple[Script, int] | None = None
    is_exec: bool = False

    def place(self, start: int, end: int) -> Place:
        """Where a part of the text stands, by its offsets; the keyword where that can't be told."""
        if self.outer:
            return self.outer[0].place(start + self.outer[1], end + self.outer[1])
        if self.is_exec:
            return self.file.place(self.instruction, self.text[start:end])
        segments = self.segments
        index = bisect_right(segments, (start, 1 << 60, 0)) - 1
        if index < 0:
            return self.file.place(self.instruction)
        offset, line, column = segments[index]
        stop = min(end, segments[index + 1][0] if index + 1 < len(segments) else len(self.text))
        return Place(line, column + start - offset, max(len(self.text[start:stop].split("\n")[0].rstrip()), 1))

    def word(self, command: Command, index: int = 0) -> Place:
        """Where a word of a command stands."""
        if index < len(command.spans):
            return self.place(*command.spans[index])
        starts = [one[2] for one in (*command.assignments, *command.redirects)]
        return self.place(starts[0], starts[0] + 1) if starts else self.file.place(self.instruction)

    def raw(self, command: Command, index: int) -> str:
        """A word as written, with its quotes."""
        start, end = command.spans[index]
        return self.text[start:end]

    @cached_property
    def segments(self) -> tuple[tuple[int, int, int], ...]:
        """Offset in the text, source line and column of each source line that it is made of; none if unknown."""
        if self.heredoc is not None:
            return _of_heredoc(self.text, self.heredoc.line)
        return _of_lines(self.file, self.instruction, self.text)


@dataclass(frozen=True)
class Shell:
    """Every script of a Dockerfile in order."""

    scripts: tuple[Script, ...]

    @cached_property
    def _by_program(self) -> Mapping[str, list[tuple[Script, Command]]]:
        found: dict[str, list[tuple[Script, Command]]] = {}
        for script in self.scripts:
            for command in script.commands:
                found.setdefault(command.program, []).append((script, command))
        return found

    @cached_property
    def _by_line(self) -> Mapping[int, tuple[Script, ...]]:
        found: dict[int, list[Script]] = {}
        for script in self.scripts:
            found.setdefault(script.instruction.line, []).append(script)
        return {line: tuple(scripts) for line, scripts in found.items()}

    def calls(self, *programs: str) -> Iterator[tuple[Script, Command]]:
        """The commands that run one of these programs, program by program."""
        by_program = self._by_program
        return iter([call for program in programs if program in by_program for call in by_program[program]])

    def every(self) -> Iterator[tuple[Script, Command]]:
        """All commands."""
        return ((script, command) for script in self.scripts for command in script.commands)

    def of(self, instruction: Instruction) -> tuple[Script, ...]:
        """The scripts of a RUN; none where its shell is no POSIX shell."""
        return self._by_line.get(instruction.line, ())


def read(file: Dockerfile) -> Shell:
    """The scripts of a Dockerfile; RUNs for PowerShell, cmd and other interpreters have none. Never fails."""
    if file.escape == "`":
        return Shell(())
    scripts: list[Script] = []
    ends: list[bool] = []
    for stage in file.stages:
        parent = file.parent(stage)
        is_posix = ends[parent.index] if parent else _WINDOWS.search(stage.base) is None
        for one in stage.instructions:
            if one.name == "SHELL" and one.is_json:
                is_posix = any(word.rpartition("/")[2] in _SHELLS for word in one.args)
            run = one.trigger if one.name == "ONBUILD" and one.trigger else one
            if run.name == "RUN":
                scripts += _scripts(file, run, is_posix=is_posix)
        ends.append(is_posix)
    return Shell(tuple(scripts))


def _scripts(file: Dockerfile, run: Instruction, *, is_posix: bool) -> list[Script]:
    if run.is_json:
        return _with_inner(_exec_form(file, run)) if run.args else []
    if not is_posix or not run.args:
        return []
    text = run.args[0]
    if not run.heredocs:
        return _with_inner(Script(file, run, text, *split(text)))
    body = run.heredocs[0]
    if _HEREDOC_ONLY.match(text):
        is_shell = not body.content.startswith("#!") or _SHEBANG.match(body.content) is not None
        return _with_inner(Script(file, run, body.content, *split(body.content), heredoc=body)) if is_shell else []
    found = _with_inner(Script(file, run, text, *split(text)))
    head = found[0].commands
    if len(head) == 1 and head[0].program in _SHELLS and all(word.startswith("-") for word in head[0].args):
        found += _with_inner(Script(file, run, body.content, *split(body.content), heredoc=body))
    return found


_SHEBANG = re.compile(r"#!\s*\S*?(?:/env\s+(?:-S\s+)?)?/?(?:ba|da|a|z|k|mk)?sh\b")


def _exec_form(file: Dockerfile, run: Instruction) -> Script:
    spans, offset = [], 0
    for word in run.args:
        spans.append((offset, offset + len(word)))
        offset += len(word) + 1
    program = run.args[0].rpartition("/")[2]
    command = Command(program, run.args, tuple(spans), (), (), (), "", "", -1, range(0), 0)
    return Script(file, run, " ".join(run.args), (command,), is_exec=True)


def _with_inner(script: Script, depth: int = 0) -> list[Script]:
    """A script and those that its commands hand to `sh -c` and `su -c`."""
    found = [script]
    for command in script.commands if depth < _DEEPEST else ():
        if command.program in _SHELLS or command.program == "su":
            index = _inner(command)
            if index is None:
                continue
            start, end = command.spans[index]
            raw = script.text[start:end]
            if not script.is_exec:
                if raw[:1] not in {"'", '"'} or len(raw) < len("''") or raw[-1] != raw[0]:
                    continue
                start, raw = start + 1, raw[1:-1]
            found += _with_inner(
                Script(script.file, script.instruction, raw, *split(raw), outer=(script, start)), depth + 1
            )
    return found


def _inner(command: Command) -> int | None:
    """The index of the word that a shell is to run."""
    for index, word in enumerate(command.words):
        if index and word[:1] == "-" and word[1:2] != "-" and word.endswith("c"):
            return index + 1 if index + 1 < len(command.words) else None
    return None


def _of_heredoc(text: str, line: int) -> tuple[tuple[int, int, int], ...]:
    found, offset = [], 0
    for number, content in enumerate(text.split("\n")):
        found.append((offset, line + number, 1))
        offset += len(content) + 1
    return tuple(found)


def _of_lines(file: Dockerfile, run: Instruction, text: str) -> tuple[tuple[int, int, int], ...]:
    """The source lines that BuildKit joined to an instruction, each without its continuation mark."""
    escape = re.escape(file.escape)
    continuation = re.compile(rf"(?:(?<=[^{escape}])|^){escape}[ \t]*$")
    joined: list[str] = []
    found: list[tuple[int, int, int]] = []
    offset = 0
    for number in range(run.line, min(run.end_line, len(file.lines)) + 1):
        line = file.lines[number - 1].rstrip("\r")
        if number != run.line and (not line.strip() or line.lstrip().startswith("#")):
            continue
        match = continuation.search(line)
        part = line[: match.start()] if match else line
        found.append((offset, number, 1))
        joined.append(part)
        offset += len(part)
        if match is None:
            break
    whole = "".join(joined).rstrip()
    if not whole.endswith(text.rstrip()):
        return ()
    start = len(whole) - len(text.rstrip())
    moved = [(max(begin - start, 0), number, column + max(start - begin, 0)) for begin, number, column in found]
    first = max((index for index, (begin, _, _) in enumerate(found) if begin <= start), default=0)
    return tuple(moved[first:])
