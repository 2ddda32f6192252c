"""The lines of a Dockerfile -> its instructions: comments, continuation lines, parser directives and heredocs.

Source of the behaviour: frontend/dockerfile/parser of https://github.com/moby/buildkit (2026-08).
"""

import re
from dataclasses import dataclass, field, replace

from e2b_dockerfile_utils import ShellLex, parse_heredoc

from envgen.lint.dockerfile.arguments import KNOWN, RefusedError, split_arguments, split_instruction
from envgen.lint.dockerfile.model import Heredoc, Instruction

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)", re.DOTALL)
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_LONGEST_LINE = 65_535  # bytes


class UnreadableError(ValueError):
    """BuildKit's parser refuses the file at `line`; `reason` says why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(slots=True)
class Reader:
    """Reads one text; `read` fills everything else."""

    text: str
    escape: str = "\\"
    instructions: list[Instruction] = field(default_factory=list)
    directives: dict[str, tuple[str, int]] = field(default_factory=dict)
    empty_continuations: list[int] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _next: int = 0
    _stage: int | None = None
    _comments: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Raises UnreadableError."""
        self._lines = self.text.removeprefix("\ufeff").split("\n")
        if not self._lines[-1]:
            self._lines.pop()
        if len(self.text) > _LONGEST_LINE // 4:
            self._check_lengths()
        self._read_directives()
        while self._next < len(self._lines):
            raw = self._lines[self._next]
            self._next += 1
            line = raw.rstrip("\r").lstrip()
            if line.startswith("#"):
                self._comment(raw)
            elif line:
                self._instruction(line)

    def _check_lengths(self) -> None:
        for number, line in enumerate(self._lines, 1):
            if len(line) > _LONGEST_LINE // 4 and len(line.encode("utf-8", "replace")) > _LONGEST_LINE:
                raise UnreadableError(number, f"the line is longer than {_LONGEST_LINE} bytes")

    def _read_directives(self) -> None:
        for number, raw in enumerate(self._lines, 1):
            match = _DIRECTIVE.match(raw.lstrip())
            name = match[1].lower() if match else ""
            if match is None or name not in _DIRECTIVES:
                return
            if name in self.directives:
                raise UnreadableError(number, f"the parser directive `{name}` stands here twice")
            value = match[2].rstrip()
            if name == "escape":
                if value not in {"\\", "`"}:
                    raise UnreadableError(
                        number, f"`{value}` can't be the escape character, only a backslash or a backtick"
                    )
                self.escape = value
            self.directives[name] = (value, number)
            self._next = number

    def _comment(self, raw: str) -> None:
        text = raw[1:].strip()
        if text:
            self._comments.append(text)
        else:
            self._comments = []

    def _continued(self, line: str) -> tuple[str, bool]:
        """A line without its continuation character, and whether it had one."""
        bare = line.rstrip(" \t")
        if bare.endswith(self.escape) and bare[-2:-1] != self.escape:
            return bare[:-1], True
        return line, False

    def _instruction(self, first: str) -> None:
        start = self._next
        line, is_open = self._continued(first)
        if is_open:
            line = self._joined(line)
        if line[:4].upper() == "FROM" and not line[4:5].strip():
            self._stage = 0 if self._stage is None else self._stage + 1
        try:
            one, rest = self._parsed(line, start)
            trigger = self._parsed(rest, start)[0] if one.name == "ONBUILD" and rest else None
            heredocs = self._heredocs(line, trigger or one)
        except (RefusedError, ValueError) as error:
            raise UnreadableError(start, str(error)) from None
        if trigger and (trigger.name == "ONBUILD" or trigger.name not in KNOWN):
            trigger = None
        if heredocs or trigger or self._next != start:
            trigger = replace(trigger, heredocs=heredocs, end_line=self._next) if trigger else None
            one = replace(one, heredocs=heredocs, end_line=self._next, trigger=trigger)
        self.instructions.append(one)
        self._comments = []

    def _joined(self, line: str) -> str:
        """A line with those that continue it; the next line to read is the one behind them."""
        parts = [line]
        is_open, has_empty = True, False
        while is_open and self._next < len(self._lines):
            raw = self._lines[self._next].rstrip("\r")
            self._next += 1
            bare = raw.lstrip()
            if bare.startswith("#"):
                continue
            if not bare:
                has_empty = True
                continue
            part, is_open = self._continued(raw)
            parts.append(part)
        if has_empty:
            self.empty_continuations.append(self._next)
        return "".join(parts)

    def _parsed(self, line: str, start: int) -> tuple[Instruction, str]:
        """An instruction without heredocs, and what follows its flags. Raises RefusedError."""
        keyword, flags, rest = split_instruction(line, self.escape)
        name = keyword.upper()
        args, is_json = split_arguments(name, rest, self.escape)
        one = Instruction(
            name=name,
            keyword=keyword,
            args=tuple(args),
            flags=tuple(flags),
            is_json=is_json,
            heredocs=(),
            text=line,
            line=start,
            end_line=start,
            stage=self._stage,
            comments=tuple(self._comments),
        )
        return one, rest

    def _heredocs(self, line: str, one: Instruction) -> tuple[Heredoc, ...]:
        """The heredocs that a line opens, read up to their ends. Raises ValueError."""
        if "<<" not in line or one.name not in _WITH_HEREDOCS or one.is_json:
            return ()
        try:
            words = ShellLex("\\", raw_quotes=True, raw_escapes=True).process_words(line)
        except ValueError:
            return ()
        found = []
        for opened in [heredoc for word in words if (heredoc := parse_heredoc(word))]:
            first = self._next + 1
            content = self._until(opened.name, has_tabs=opened.chomp)
            found.append(Heredoc(opened.name, content, first, opened.chomp, opened.expand))
        return tuple(found)

    def _until(self, terminator: str, *, has_tabs: bool) -> str:
        start = self._next
        while self._next < len(self._lines):
            line = self._lines[self._next].rstrip("\r")
            self._next += 1
            if (line.lstrip("\t") if has_tabs else line) == terminator:
                return "".join(f"{one}\n" for one in self._lines[start : self._next - 1])
        raise RefusedError(f"the heredoc `{terminator}` isn't closed")
