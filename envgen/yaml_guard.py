"""Text before and around the YAML parser: decoding, limits, places in the text, and what to say about syntax errors."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

import yaml

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity

MAX_BYTES = 8 * 1024 * 1024
MAX_WRITTEN = 200_000  # values and keys in the text: what fits into a second and 400 MB
MAX_EXPANDED = 1_000_000  # with every alias written out
MAX_DEPTH = 100
MAX_PROBLEMS = 1_000
MAX_DIRECTIVES = 1_000  # libyaml compares each %TAG line with all before it
CARET_LIMIT = 200
_BLOCK = 4096

_BREAK = re.compile("\r\n?")
# sets of what is bad compile ten times faster than the complements of what is good
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_JSON_ONLY = re.compile("\\\\u[dD][89abAB]|[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# the closing quote is optional, so that every quote is visited once, however broken the text is
_JSON_STRING = re.compile(r"'[^'\n]*'|" + r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_JSON_UNIT = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\.|([\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff])",
    re.DOTALL,
)


def excerpt(text: str, start: int, end: int, column: int) -> str:
    """The part of the line text[start:end] to show for a finding in the 1-based `column`, without control characters.

    It has 301 characters at most. However long the line, the finding's character is at `caret(shown, column)` of it.
    """
    if column <= CARET_LIMIT:
        shown = text[start : min(end, start + column + 100)]
    else:
        shown = "…" + text[start + column - 100 : min(end, start + column + 100)]
    return _UNPRINTABLE.sub("\ufffd", shown)


def caret(shown: str, column: int) -> int:
    """The 0-based offset, in an excerpt (cut or whole), of the character in the 1-based `column` of its line."""
    return 100 if column > CARET_LIMIT and shown.startswith("…") else column - 1


@dataclass(slots=True)
class Text:
    """A file's text: `shown` as written (but with Unix line ends and no byte order mark), `parsed` as libyaml takes it.

    The two differ in JSON only. All methods take offsets in `parsed` and speak of places in `shown`.
    """

    path: str
    shown: str
    parsed: str = ""
    shifted: list[int] = field(default_factory=list)  # offsets from which on `parsed` is ahead ...
    shifts: list[int] = field(default_factory=list)  # ... of `shown` by so much
    lines: list[int] = field(default_factory=list)  # the line on which each block of `shown` starts, once wanted

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """The 1-based line and column, in characters, of `start`, and the width up to `end` (1 if on another line)."""
        if not self.lines:
            counts = (self.shown.count("\n", at, at + _BLOCK) for at in range(0, len(self.shown) + 1, _BLOCK))
            self.lines = list(accumulate(counts, initial=1))
        start, end = self._shown(start), self._shown(end)
        block = start // _BLOCK
        line = self.lines[block] + self.shown.count("\n", block * _BLOCK, start)
        width = 1 if self.shown.find("\n", start, end) >= 0 else max(end - start, 1)
        return line, start - self.shown.rfind("\n", 0, start), width

    def _shown(self, offset: int) -> int:
        return offset - self.shifts[at - 1] if (at := bisect_right(self.shifted, offset)) else offset

    def finding(
        self, code: str, span: tuple[int, int], message: str, hint: str | None = None, severity: Severity | None = None
    ) -> Finding:
        """The finding that says `message` about a span of text, by default as severe as the code's catalogue says."""
        line, column, width = self.place(*span)
        start = self._shown(span[0]) - column + 1
        end = self.shown.find("\n", start)
        return Finding(
            code=code,
            severity=severity or codes.CODES[code].severity,
            file=self.path,
            line=line,
            column=column,
            message=message,
            hint=hint,
            excerpt=excerpt(self.shown, start, len(self.shown) if end < 0 else end, column),
            width=width,
        )

    def error(self, code: str, at: int | tuple[int, int], message: str, hint: str | None = None) -> EnvgenError:
        """The exception that says `message` about an offset or span."""
        return EnvgenError([self.finding(code, (at, at + 1) if isinstance(at, int) else at, message, hint)])


def read(content: bytes | str, path: str) -> Text:
    """The text of a file, known to be small enough, UTF-8 and free of control characters; raises EnvgenError."""
    if len(content) > MAX_BYTES:
        raise Text(path, "").error(codes.TOO_LARGE, 0, f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    shown = _decode(content, path) if isinstance(content, bytes) else content
    text = Text(path, _BREAK.sub("\n", shown.removeprefix("\ufeff")) if "\r" in shown else shown.removeprefix("\ufeff"))
    text.parsed = text.shown
    if path.lower().endswith(".json") or text.shown.lstrip()[:1] == "{":
        _take_json(text)
    if bad := _CONTROL.search(text.parsed):
        number = ord(bad[0])
        what = "half a surrogate pair" if 0xD800 <= number <= 0xDFFF else "a control character"  # noqa: PLR2004
        hint = "Remove it, or write it as an escape in double quotes." if number else "Is this a binary file?"
        raise text.error(codes.UNREADABLE, bad.start(), f"{what} (U+{number:04X}) can't stand in YAML", hint)
    if text.parsed.count("\n%") > MAX_DIRECTIVES:
        raise text.error(codes.TOO_LARGE, 0, f"the file has more than {MAX_DIRECTIVES} lines that start with `%`")
    return text


def _decode(content: bytes, path: str) -> str:
    """The text of UTF-8 bytes; raises EnvgenError with the place of the first byte that is none."""
    head = content[:64]
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or (len(head) > 3 and not (any(head[::2]) and any(head[1::2]))):  # noqa: PLR2004
        text = Text(path, "")
        raise text.error(codes.UNREADABLE, 0, "the file is UTF-16 or UTF-32, not UTF-8", "Save it as UTF-8.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        rest = content[error.start :].decode("utf-8", "replace")
        before = content[: error.start].decode("utf-8").removeprefix("\ufeff")
        text = Text(path, _BREAK.sub("\n", before + rest))
        offset = len(_BREAK.sub("\n", before))
        message = f"byte 0x{content[error.start]:02X} is not UTF-8"
        raise text.error(codes.UNREADABLE, offset, message, "Save the file as UTF-8.") from None


def _take_json(text: Text) -> None:
    """Write what JSON strings may hold and YAML's double quotes may not as YAML escapes, and note the shifts."""
    if not _JSON_ONLY.search(text.shown):
        return
    pieces: list[str] = []
    done = length = 0
    for count, string in enumerate(_JSON_STRING.finditer(text.shown)):
        if count > MAX_WRITTEN:
            raise text.error(codes.TOO_LARGE, 0, f"the file holds more than {MAX_WRITTEN:,} texts")
        if text.shown[string.start()] == "'":
            continue
        for unit in _JSON_UNIT.finditer(text.shown, string.start() + 1, string.end()):
            high, low, raw = unit.groups()
            if high:
                new = f"\\U{0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF):08X}"
            elif raw:
                new = f"\\u{ord(raw):04X}"
            else:
                continue
            pieces += (text.shown[done : unit.start()], new)
            length += unit.start() - done + len(new)
            done = unit.end()
            if len(text.shifts) > MAX_WRITTEN:
                raise text.error(codes.TOO_LARGE, 0, f"the file holds more than {MAX_WRITTEN:,} escapes of emoji")
            text.shifted.append(length)
            text.shifts.append(length - done)
    text.parsed = "".join((*pieces, text.shown[done:]))


_QUOTE_IT = "Put the value in quotes."
_NEST = "Quote the value if it is text, or put the inner key on a line of its own, indented."
_SPACE = "A key needs a space after its colon: `key: value`."
_INDENT = "Keys of one mapping, and the dashes of one list, stand in the same column."
_TAB = ("YAML can't be indented with tabs", "Indent with spaces.")
_SPECIAL = "the value must be quoted: it starts with `{0}`, which means something else in YAML"

# libyaml's problem -> what to say ("{0}": the character there) and a hint
_WORDINGS: dict[str, tuple[str, str | None]] = {
    "did not find expected '-' indicator": ("a `- ` is expected here, as in the rest of the list", _INDENT),
    "block sequence entries are not allowed in this context": (
        "a list can't start here",
        "Put `- ` on the line below the key, or quote the value.",
    ),
    "did not find expected node content": ("a value is expected here, not `{0}`", _QUOTE_IT),
    "did not find expected <document start>": ("the text goes on after its end", _INDENT),
    "found incompatible YAML document": ("this YAML version is unknown", "Remove the %YAML line."),
    "found unknown directive name": ("this line is no directive of YAML", "Quote a value that starts with `%`."),
    "found undefined tag handle": ("this tag has an unknown prefix", "Quote a value that starts with `!`."),
    "did not find expected tag URI": ("this tag has no name", "Quote a value that starts with `!`."),
    "did not find expected comment or line break": (
        "the text of a block starts on the line below its `|` or `>`",
        None,
    ),
    "found a tab character where an indentation space is expected": _TAB,
}


def syntax_error(error: yaml.YAMLError, text: Text) -> EnvgenError:
    """What libyaml's error means, in words that help, at the place that helps."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if mark is None:
        return text.error(codes.YAML_SYNTAX, 0, f"no YAML: {' '.join(problem.split())}")
    context_mark = getattr(error, "context_mark", None) or mark
    at, opened = min(mark.index, len(text.parsed)), min(context_mark.index, len(text.parsed))
    offset, message, hint = _explain(problem, text, at, opened)
    start = text.parsed.rfind("\n", 0, max(text.parsed.rfind("\n", 0, offset), 0)) + 1
    if "\xa0" in text.parsed[start:offset]:
        hint = "A no-break space (U+00A0) stands there or on the line above: replace it with a space."
    elif text.parsed[offset - 1 : offset + 1].count("\ufeff"):
        hint = "A byte order mark (U+FEFF) stands in the middle of the file: remove it."
    return text.error(codes.YAML_SYNTAX, offset, message, hint)


def _explain(problem: str, text: Text, at: int, opened: int) -> tuple[int, str, str | None]:
    """Offset, message and hint for a problem at offset `at` of something that started at offset `opened`."""
    source = text.parsed
    here = source[at : at + 1].strip("\n") or ("end of file" if at >= len(source.rstrip()) else "end of line")
    hint: str | None
    if problem == "found character that cannot start any token":
        message, hint = (_SPECIAL.format(here), _QUOTE_IT) if here != "\t" else _TAB
    elif problem == "mapping values are not allowed in this context":
        at, message, hint = _misplaced_colon(source, at)
    elif problem == "did not find expected alphabetic or numeric character":
        at, message, hint = opened, _SPECIAL.format(source[opened : opened + 1]), _QUOTE_IT
    elif problem.startswith("did not find expected ',' or"):
        at, message, hint = _unclosed(source, at, opened, here, problem[-2])
    elif problem in {"found unexpected end of stream", "found unexpected document indicator"}:
        at, message, hint = opened, "this quote is never closed", f"Add the closing `{source[opened : opened + 1]}`."
    elif problem == "could not find expected ':'":
        at, message, hint = opened, "this line is neither `key: value` nor part of a list or text", _SPACE
    elif problem == "did not find expected key":
        at, message, hint = _no_key(source, at, here, text.place(opened, opened)[0])
    elif "escape" in problem or "hexdecimal" in problem:
        at, message, hint = _bad_escape(source, at, opened)
    else:
        wording, hint = _WORDINGS.get(problem, (problem, None))
        message = wording.format(here)
    return at, message, hint


def _unclosed(source: str, at: int, opened: int, here: str, closer: str) -> tuple[int, str, str | None]:
    """Explain why neither a comma nor the closing bracket stands at offset `at`."""
    if "\n" in source[opened:at] or at >= len(source):
        return opened, f"this `{source[opened : opened + 1]}` is never closed", f"Add the missing `{closer}`."
    return at, f"`,` or `{closer}` is expected here, not `{here}`", "Is a comma or a quote missing before it?"


def _misplaced_colon(source: str, at: int) -> tuple[int, str, str | None]:
    """Explain a colon, at offset `at`, that makes a key where none can be."""
    start = source.rfind("\n", 0, at) + 1
    line = source[start:at]
    if len(line) > 1024:  # noqa: PLR2004 - libyaml's limit for a key
        return start, "a key can't be longer than 1024 characters", None
    if ": " in line:
        return at, "a value can't hold another `key: value`", _NEST
    before = source[source.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
    if re.match(r"[ -]*[\w.-]+:[^\s:]", before):
        return at, "this key follows a line that is no `key: value`", _SPACE
    if len(before) - len(before.lstrip(" -")) < len(line) - len(line.lstrip(" -")):
        return at, "this key is indented as part of the value above it", _INDENT
    return at, "no key can stand here", "Quote the value if its colon is text."


def _no_key(source: str, at: int, here: str, line: int) -> tuple[int, str, str | None]:
    """Explain why no key stands at offset `at`, in a mapping that started on `line`."""
    before = source[source.rfind("\n", 0, at) + 1 : at].rstrip()
    if here == ":":
        return at, "a key is missing before this `:`", 'Write "" if the key is the empty text.'
    if here in "]}":
        return at, f"this `{here}` closes nothing", _QUOTE_IT
    if before[-1:] in {'"', "'"}:
        return at, "text follows the closing quote", "Put quotes around the whole value."
    if here == "-":
        return at, f"a list item stands where the mapping of line {line} needs a key", _INDENT
    return at, f"this fits neither the mapping of line {line} nor what stands above it", _INDENT


def _bad_escape(source: str, at: int, opened: int) -> tuple[int, str, str | None]:
    """Explain the escape at or just before offset `at`, in quotes that started at offset `opened`."""
    start = max(source.rfind("\\", opened, at + 1), opened)
    if re.match(r"\\u[dD][89a-fA-F]", source[start : start + 4]):
        hint = "Write the character itself, or `\\U` and its eight hexadecimal digits."
        return start, f"`{source[start : start + 6]}` is half a surrogate pair", hint
    hint = "Write `\\\\` for a backslash, or use single quotes."
    return start, f"`{source[start : start + 2]}` is no escape that double quotes know", hint
