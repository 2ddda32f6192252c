"""Words of a Dockerfile with their variables replaced, as BuildKit's shell lexer does it.

Terms and behaviour: https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final, Literal, TypeAlias

_NAME = re.compile(r"\d+|[@*#?\-$!]|\w*")
_DEEPEST = 50  # of `${a:-${b:-...}}`
_LONGEST = 20_000  # characters of a value; doubling variables would grow without end
_LONGEST_MATCHED = 200  # characters of a value that a `#`, `%` or `/` pattern is tried on
_MOST_STARS = 2  # of such a pattern


class Missing(Enum):
    """What looking up a variable that isn't set gives."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
Value: TypeAlias = str | Literal[Missing.MISSING] | None
Lookup: TypeAlias = Callable[[str], Value]
"""Name -> value, None where it is set to what isn't known, MISSING where it isn't set."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word after replacement.

    `text` is None where it hangs on a value that isn't known or can't be made. `used` and `missing` are the names of
    variables that are set and that are not, each once, in order. `error` is why BuildKit refuses the word.
    """

    text: str | None
    used: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    error: str | None = None


class _LexError(Exception):
    """BuildKit refuses the word."""


def expand(word: str, lookup: Lookup, escape: str = "\\", *, has_quotes: bool = True) -> Expansion:
    """A word with its variables replaced and its quotes and escapes taken away.

    `has_quotes` is False for the body of a heredoc, in which quotes mean nothing.
    """
    if "$" not in word and escape not in word and not (has_quotes and ("'" in word or '"' in word)):
        return Expansion(word)
    lexer = _Lexer(word, lookup, escape, has_quotes=has_quotes)
    error = None
    text: str | None = None
    try:
        text = lexer.until("", is_raw=False)
    except _LexError as refused:
        error = str(refused)
    if lexer.is_unknown or error:
        text = None
    return Expansion(text, tuple(lexer.used), tuple(lexer.missing), error)


@cache
def _plain(escape: str, stop: str, *, has_quotes: bool) -> re.Pattern[str]:
    special = "$" + escape + stop + ("'\"" if has_quotes else "")
    return re.compile(f"[^{re.escape(special)}]+")


class _Lexer:
    def __init__(self, text: str, lookup: Lookup, escape: str, *, has_quotes: bool) -> None:
        self.text, self.lookup, self.escape, self.has_quotes = text, lookup, escape, has_quotes
        self.position = 0
        self.depth = 0
        self.is_raw = False
        self.is_unknown = False
        self.used: dict[str, None] = {}
        self.missing: dict[str, None] = {}

    def until(self, stop: str, *, is_raw: bool) -> str:
        """The text up to an unquoted `stop` ("" for the end), which is passed; with `is_raw`, escapes stay in it."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _LexError("substitutions are nested too deeply")
        outer, self.is_raw = self.is_raw, is_raw
        out: list[str] = []
        plain = _plain(self.escape, stop, has_quotes=self.has_quotes)
        while self.position < len(self.text):
            run = plain.match(self.text, self.position)
            if run:
                out.append(run[0])
                self.position = run.end()
                continue
            char = self.text[self.position]
            if char == stop:
                self.position += 1
                break
            out.append(self._special(char))
        else:
            if stop:
                raise _LexError(f"`{stop}` is missing")
        self.is_raw = outer
        self.depth -= 1
        return "".join(out)

    def _special(self, char: str) -> str:
        if char == "$":
            return self._dollar()
        self.position += 1
        if char == "'":
            return self._single_quoted()
        if char == '"':
            return self._double_quoted()
        kept = char if self.is_raw else ""
        return kept + self._next()

    def _next(self) -> str:
        char = self.text[self.position : self.position + 1]
        self.position += 1
        return char

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.position)
        if end < 0:
            raise _LexError("a single quote isn't closed")
        inner = self.text[self.position : end]
        self.position = end + 1
        return inner

    def _double_quoted(self) -> str:
        out: list[str] = []
        plain = _plain(self.escape, '"', has_quotes=False)
        while self.position < len(self.text):
            run = plain.match(self.text, self.position)
            if run:
                out.append(run[0])
                self.position = run.end()
                continue
            char = self.text[self.position]
            if char == "$":
                out.append(self._dollar())
                continue
            self.position += 1
            if char == '"':
                return "".join(out)
            if self.is_raw:
                out.append(char)
            after = self.text[self.position : self.position + 1]
            out.append(self._next() if after in ('"', "$", self.escape) else char)
        raise _LexError("a double quote isn't closed")

    def _name(self) -> str:
        match = _NAME.match(self.text, self.position)
        name = match[0] if match else ""
        self.position += len(name)
        return name

    def _value(self, name: str) -> Value:
        value = self.lookup(name)
        if value is MISSING:
            self.missing[name] = None
        else:
            self.used[name] = None
        return value

    def _known(self, value: Value) -> str:
        if value is None or (value is not MISSING and len(value) > _LONGEST):
            self.is_unknown = True
            return ""
        return "" if value is MISSING else value

    def _dollar(self) -> str:
        self.position += 1
        if self.text[self.position : self.position + 1] != "{":
            name = self._name()
            return self._known(self._value(name)) if name else "$"
        self.position += 1
        if self.text[self.position : self.position + 1] in ("", "{", "}", ":"):
            raise _LexError("`${` isn't followed by a name")
        name = self._name()
        char = self._next()
        if char == "}":
            return self._known(self._value(name))
        if char == "/":
            return self._replaced(name)
        empty_is_unset = char == ":"
        operator = self._next() if empty_is_unset else char
        is_pattern = operator in {"#", "%"}
        if (operator not in {"+", "-", "?"} and not empty_is_unset and not is_pattern) or (
            empty_is_unset and is_pattern
        ):
            raise _LexError(f"`{operator}` is no modifier of a variable")
        was_unknown, self.is_unknown = self.is_unknown, False
        word: str | None = self.until("}", is_raw=is_pattern)
        word = None if self.is_unknown else word
        self.is_unknown = was_unknown
        return self._modified(name, operator, word, empty_is_unset=empty_is_unset)

    def _modified(self, name: str, operator: str, word: str | None, *, empty_is_unset: bool) -> str:
        value = self._value(name)
        if operator in {"#", "%"}:
            return self._trimmed(operator, self._known(word), self._known(value))
        if operator not in {"+", "-", "?"}:
            raise _LexError(f"`:{operator}` is no modifier of a variable")
        if value is None and (empty_is_unset or operator != "+"):
            return self._known(None)
        is_unset = value is MISSING or (empty_is_unset and value == "")
        if operator == "+":
            return "" if is_unset else self._known(word)
        if is_unset and operator == "?":
            raise _LexError(f"{name}: {word or 'a value is required'}")
        return self._known(word if is_unset else value)

    def _trimmed(self, operator: str, word: str, value: str) -> str:
        is_longest = word.startswith(operator)
        glob = word[1:] if is_longest else word
        if operator == "#":
            match = self._pattern(glob, value, is_longest=is_longest).match(value)
            return value[match.end() :] if match else value
        backwards = value[::-1]
        match = self._pattern(_reversed(glob), backwards, is_longest=is_longest).match(backwards)
        return backwards[match.end() :][::-1] if match else value

    def _replaced(self, name: str) -> str:
        is_all = self.text[self.position : self.position + 1] == "/"
        self.position += is_all
        glob = self.until("/", is_raw=True)
        replacement = self.until("}", is_raw=True)
        value = self._known(self._value(name))
        return self._pattern(glob, value, is_longest=True).sub(lambda _: replacement, value, 0 if is_all else 1)

    def _pattern(self, glob: str, value: str, *, is_longest: bool) -> re.Pattern[str]:
        """A shell pattern as a regular expression; one that could take long on the value makes the result unknown."""
        if len(value) > _LONGEST_MATCHED or glob.count("*") > _MOST_STARS:
            self.is_unknown = True
            return re.compile(r"\Z")
        out: list[str] = []
        chars = iter(glob)
        for char in chars:
            if char == "*":
                out.append(".*" if is_longest else ".*?")
            elif char == "?":
                out.append(".")
            elif char == "\\":
                after = next(chars, "")
                if after not in ("}", "/", "*", "?", "\\"):
                    raise _LexError(f"`\\{after}` is no escape in a pattern")
                out.append(re.escape(after))
            else:
                out.append(re.escape(char))
        return re.compile("".join(out))


def _reversed(glob: str) -> str:
    """A pattern backwards, its escapes still in front of what they escape."""
    return "".join(reversed(re.findall(r"\\.|.", glob, re.DOTALL)))
