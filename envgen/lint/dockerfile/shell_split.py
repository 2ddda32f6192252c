"""POSIX shell text -> simple commands, in one pass, for what a linter asks; it runs and expands nothing.

Grammar: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html, with bash's `<( )`, `|&` and `$' '`.
Text that no shell would take is split as far as it goes.
"""

import re
from typing import NamedTuple

_DEEPEST = 30  # of `$( )` in `$( )`; what lies deeper is passed over
_PLAIN = r"[^\s|&;<>()'\"\\$`]"
_WORD = (
    rf"(?:{_PLAIN}++|'[^']*+'|\"[^\"\\`$]*+(?:(?:\\[\s\S]|\$(?!\())[^\"\\`$]*+)*+\""
    r"|\\[^\n]|\$(?:\{\w*+\}|(?![({'\"])))++"
)
_TOKEN = re.compile(
    rf"(?:[ \t\r]|\\\r?\n)*+(?:([<>]\()|((?:\d*+|&)(?:<<-|<<<|<<|>>|>&|<&|>\||<>|[<>]))"
    rf"|((?!\#){_PLAIN}++(?![^\s|&;<>()]))|(\n)|(\#[^\n]*+)"
    rf"|(&&|\|\||;;&|;;|;&|\|&|[|&;()])|((?!\#){_WORD}))?+"
)
_PROCESS, _REDIRECT, _PLAIN_WORD, _NEWLINE, _COMMENT, _OPERATOR, _QUOTED_WORD = range(1, 8)
_CHUNK = re.compile(rf"{_PLAIN}++")
_IN_QUOTES = re.compile(r"[^\"\\`$]++")
_BACKTICKS = re.compile(r"[^`\\]*+(?:\\[\s\S][^`\\]*+)*+`")
_ANSI_C = re.compile(r"[^'\\]*+(?:\\[\s\S][^'\\]*+)*+'")
_IN_BRACES = re.compile(r"[^}\"'`$\\]++")
_UNQUOTE = re.compile(r"'([^']*+)'|\"((?:[^\"\\]|\\[\s\S])*+)\"|\\([\s\S])")
_UNESCAPE = re.compile(r"\\([\"\\$`])")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_SKIPPED_FIRST = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"})
_CLOSING = frozenset({"fi", "done", "esac", "}"})
_BREAKS = frozenset(" \t\r\n|&;<>()")
_CONTINUES = frozenset("'\"\\$`")
_WITH_VALUE = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-T", "--user", "--group", "--host", "--prompt"}),
    "env": frozenset({"-u", "-C", "-S", "--unset", "--chdir"}),
    "nice": frozenset({"-n"}),
    "timeout": frozenset({"-k", "-s", "--kill-after", "--signal"}),
    "ionice": frozenset({"-c", "-n"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
}
_WRAPPERS = frozenset(
    {"sudo", "env", "exec", "command", "builtin", "nohup", "nice", "ionice", "timeout", "stdbuf", "chronic", "setsid"}
)


class Command(NamedTuple):
    """One simple command.

    `words` begin with the program, without quotes (`$VAR` stays), without assignments, redirections and wrappers such
    as sudo, env and exec (these are in `wrappers`); `spans` are their places in the script's text. `program` is the
    name of the first word without its folder, "" for a command of assignments only. `assignments` are name, value and
    start, `redirects` operator, target and start. `before` and `after` are the connectors (`&&`, `||`, `;`, `|`, `&`,
    a newline, "(", ")" or ""). `piped_from` is the index of the command whose output is read, or -1; `nested` are the
    indexes of those in the command's own `$( )`, backticks and `<( )`. `depth` counts `( )`, `$( )` and `sh -c`.
    """

    program: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    assignments: tuple[tuple[str, str, int], ...]
    redirects: tuple[tuple[str, str, int], ...]
    wrappers: tuple[str, ...]
    before: str
    after: str
    piped_from: int
    nested: range
    depth: int

    @property
    def args(self) -> tuple[str, ...]:
        """The words behind the program."""
        return self.words[1:]

    def has(self, *flags: str) -> bool:
        """Whether one of these is among the words; a short one may stand in a bundle (`-k` in `-fsSLk`)."""
        return self.find(*flags) is not None

    def find(self, *flags: str) -> int | None:
        """The index of the first word that is one of the flags, has it as `--flag=value`, or bundles it."""
        for index, word in enumerate(self.words):
            if index and word[:1] == "-":
                if word in {"-", "--"}:
                    if word == "--":
                        return None
                    continue
                for flag in flags:
                    if word == flag or (word.startswith(flag) and word[len(flag)] == "=") or _bundles(word, flag):
                        return index
        return None


def _bundles(word: str, flag: str) -> bool:
    return len(flag) == 2 and word[1] != "-" and flag[1] in word[1:] and word[1:].isalpha()  # noqa: PLR2004 - `-x`


def split(text: str) -> tuple[tuple[Command, ...], tuple[tuple[int, int], ...]]:
    """The commands of a shell text, those inside a command before it, and the spans of its comments. Never fails."""
    splitter = _Splitter(text)
    splitter.read(0, len(text), 0, closer="")
    return tuple(splitter.commands), tuple(splitter.comments)


def unquote(raw: str) -> str:
    """A word without its quotes and escapes."""
    if "'" not in raw and '"' not in raw and "\\" not in raw:
        return raw
    inside = raw[1:-1]
    if raw[0] == raw[-1] in "'\"" and len(raw) > 1 and raw[0] not in inside and "\\" not in inside:
        return inside
    return _UNQUOTE.sub(_bare, raw)


def _bare(match: re.Match[str]) -> str:
    single, double, escaped = match.groups()
    if single is not None:
        return str(single)
    return _UNESCAPE.sub(r"\1", double) if double is not None else str(escaped)


class _Building:
    """A command of which not all is read yet."""

    __slots__ = ("assignments", "before", "first_nested", "piped_from", "redirects", "spans", "words")

    def __init__(self, before: str, piped_from: int, first_nested: int) -> None:
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.assignments: list[tuple[str, str, int]] = []
        self.redirects: list[tuple[str, str, int]] = []
        self.before = before
        self.piped_from = piped_from
        self.first_nested = first_nested


class _Splitter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.commands: list[Command] = []
        self.comments: list[tuple[int, int]] = []
        self.heredocs: list[tuple[str, bool]] = []

    def read(self, pos: int, end: int, depth: int, *, closer: str) -> int:  # noqa: C901, PLR0912, PLR0915 - the one loop
        """Reads commands up to the closer or the end and returns where it stopped (behind the closer)."""
        text, match, commands = self.text, _TOKEN.match, self.commands
        current = _Building("", -1, len(commands))
        cases: list[bool] = []  # one for each open `case`: whether a pattern comes next
        groups = 0
        while pos < end:
            token = match(text, pos, end)
            kind = token.lastindex if token else None
            if token is None or kind is None:
                rest = token.end() if token else pos
                if rest >= end:
                    break
                stop = max(self._word(rest, end, depth), rest + 1)
                self._add(current, text[rest:stop], rest, stop, cases)
                pos = stop
                continue
            pos, start = token.end(), token.start(kind)
            if kind in {_PLAIN_WORD, _QUOTED_WORD}:
                raw = token[kind]
                if pos < end and text[pos] in _CONTINUES:
                    pos = max(self._word(start, end, depth), pos)
                    raw = text[start:pos]
                self._add(current, raw, start, pos, cases)
            elif kind == _COMMENT:
                self.comments.append((start, pos))
            elif kind == _REDIRECT:
                pos = self._redirect(current, token[kind], start, pos, end, depth)
            elif kind == _PROCESS:
                stop = self._nested(pos, end, depth)
                self._add(current, text[start:stop], start, stop, cases)
                pos = stop
            else:
                symbol = "\n" if kind == _NEWLINE else token[kind]
                if kind == _NEWLINE and self.heredocs:
                    pos = self._skip_heredocs(pos, end)
                if cases and cases[-1]:
                    if symbol == ")":
                        cases[-1] = False
                        current = _Building(";", -1, len(commands))
                    continue
                if symbol in {";;", ";&", ";;&"} and cases:
                    cases[-1] = True
                if symbol == ")" and groups == 0 and closer == ")":
                    self._close(current, ")", depth)
                    return pos
                if symbol == "(" and len(current.words) == 1 and text[pos : pos + 1] == ")":
                    current = _Building(current.before, -1, len(commands))  # name() is the head of a function
                    pos += 1
                    continue
                groups = max(groups + (symbol == "(") - (symbol == ")"), 0)
                current = self._next(current, symbol, depth + groups)
        self._close(current, "", depth + groups)
        return end

    def _next(self, current: _Building, symbol: str, depth: int) -> _Building:
        """Ends a command at a connector and begins the next one."""
        before_it = len(self.commands)
        self._close(current, symbol, depth)
        is_pipe = symbol in {"|", "|&"}
        source = len(self.commands) - 1 if is_pipe else -1
        if len(self.commands) == before_it and not is_pipe:  # nothing lay between two connectors
            source = current.piped_from
            symbol = current.before if symbol == "\n" and current.before in {"|", "&&", "||"} else symbol
        return _Building(symbol, source, len(self.commands))

    def _close(self, current: _Building, after: str, depth: int) -> None:
        if not current.words and not current.assignments and not current.redirects:
            return
        words, spans = tuple(current.words), tuple(current.spans)
        wrappers: tuple[str, ...] = ()
        program = words[0].rpartition("/")[2] if words else ""
        if program in _WRAPPERS:
            first = _unwrapped(words, current)
            wrappers, words, spans = words[:first], words[first:], spans[first:]
            program = words[0].rpartition("/")[2] if words else wrappers[0]
            if not words:
                words, spans, wrappers = wrappers, tuple(current.spans), ()
        self.commands.append(
            Command(
                program,
                words,
                spans,
                tuple(current.assignments),
                tuple(current.redirects),
                wrappers,
                current.before,
                after,
                current.piped_from,
                range(current.first_nested, len(self.commands)),
                depth,
            )
        )

    def _add(self, current: _Building, raw: str, start: int, stop: int, cases: list[bool]) -> None:
        """One word more for a command, unless it is a word of the grammar."""
        words = current.words
        if cases and cases[-1]:
            if raw == "esac":
                cases.pop()
            return
        if not words:
            if raw in _SKIPPED_FIRST or raw in _CLOSING:
                return
            if "=" in raw and (match := _ASSIGNMENT.match(raw)):
                current.assignments.append((match[0].rstrip("+="), unquote(raw[match.end() :]), start))
                return
        elif raw == "in" and words[0] == "case":
            cases.append(True)
            words.clear()
            current.spans.clear()
            return
        words.append(unquote(raw) if "'" in raw or '"' in raw or "\\" in raw else raw)
        current.spans.append((start, stop))

    def _redirect(self, current: _Building, operator: str, start: int, pos: int, end: int, depth: int) -> int:
        while pos < end and self.text[pos] in " \t":
            pos += 1
        stop = self._word(pos, end, depth)
        raw = self.text[pos:stop]
        current.redirects.append((operator, unquote(raw), start))
        if operator.endswith(("<<", "<<-")) and raw:
            self.heredocs.append((unquote(raw), operator.endswith("-")))
        return stop

    def _skip_heredocs(self, pos: int, end: int) -> int:
        for name, chomp in self.heredocs:
            while pos < end:
                stop = self.text.find("\n", pos, end)
                stop = end if stop < 0 else stop
                line = self.text[pos:stop].rstrip("\r")
                pos = min(stop + 1, end)
                if (line.lstrip("\t") if chomp else line) == name:
                    break
        self.heredocs.clear()
        return pos

    def _nested(self, pos: int, end: int, depth: int) -> int:
        """The end of a command substitution whose opening is read; its commands are kept."""
        return end if depth >= _DEEPEST else self.read(pos, end, depth + 1, closer=")")

    def _word(self, pos: int, end: int, depth: int) -> int:
        """The end of a word that holds what one regular expression can't read."""
        text = self.text
        while pos < end:
            char = text[pos]
            if char in _BREAKS:
                break
            if char == "'":
                close = text.find("'", pos + 1, end)
                pos = end if close < 0 else close + 1
            elif char == '"':
                pos = self._quoted(pos + 1, end, depth)
            elif char == "\\":
                pos = min(pos + 2, end)
            elif char in "$`":
                pos = self._substituted(pos, end, depth)
            else:
                chunk = _CHUNK.match(text, pos, end)
                pos = chunk.end() if chunk else pos + 1
        return pos

    def _quoted(self, pos: int, end: int, depth: int) -> int:
        text = self.text
        while pos < end:
            char = text[pos]
            if char == '"':
                return pos + 1
            if char == "\\":
                pos = min(pos + 2, end)
            elif char in "$`":
                pos = self._substituted(pos, end, depth)
            else:
                chunk = _IN_QUOTES.match(text, pos, end)
                pos = chunk.end() if chunk else pos + 1
        return end

    def _substituted(self, pos: int, end: int, depth: int) -> int:
        """The end of what begins with a `$` or a backtick."""
        text = self.text
        if text[pos] == "`":
            ticks = _BACKTICKS.match(text, pos + 1, end)
            if ticks is None:
                return end
            if depth < _DEEPEST:
                self.read(pos + 1, ticks.end() - 1, depth + 1, closer="")
            return ticks.end()
        follow = text[pos + 1 : pos + 2]
        if follow == "(":
            return self._nested(pos + 2, end, depth)
        if follow == "'":
            ansi = _ANSI_C.match(text, pos + 2, end)
            return ansi.end() if ansi else end
        if follow != "{":
            return pos + 1
        return end if depth >= _DEEPEST else self._braces(pos + 2, end, depth + 1)

    def _braces(self, pos: int, end: int, depth: int) -> int:
        text = self.text
        while pos < end:
            char = text[pos]
            if char == "}":
                return pos + 1
            if char == '"':
                pos = self._quoted(pos + 1, end, depth)
            elif char == "'":
                close = text.find("'", pos + 1, end)
                pos = pos + 1 if close < 0 else close + 1
            elif char == "\\":
                pos = min(pos + 2, end)
            elif char in "$`":
                pos = self._substituted(pos, end, depth)
            else:
                chunk = _IN_BRACES.match(text, pos, end)
                pos = chunk.end() if chunk else pos + 1
        return end


def _unwrapped(words: tuple[str, ...], current: _Building) -> int:
    """The index of the program behind sudo, env, exec and their kind, with their options and assignments."""
    index, count = 0, len(words)
    while index < count and (name := words[index].rpartition("/")[2]) in _WRAPPERS:
        index += 1
        values = _WITH_VALUE.get(name, frozenset())
        while index < count:
            word = words[index]
            if word.startswith("-"):
                index += 2 if word in values else 1
            elif name in {"env", "sudo"} and (match := _ASSIGNMENT.match(word)):
                start = current.spans[index][0]
                current.assignments.append((match[0].rstrip("+="), word[match.end() :], start))
                index += 1
            else:
                break
        if name == "timeout":
            index += 1
    return min(index, count)
