"""What a terminal makes of a character: how wide it is, and which ones must not reach it."""

import re
import unicodedata

_TAB = 4
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # categories: control, format, surrogate, line and paragraph ends
_NO_WIDTH = frozenset({"Mn", "Me"})
_JOINER = "\u200d"  # of emoji
_SURROGATE = re.compile("[\ud800-\udfff]")


def shown(text: str) -> str:
    r"""Text without anything that a terminal would obey or reorder: such characters as \x1b or \u202e in letters."""
    return text if text.isascii() and text.isprintable() else "".join(_shown(character) for character in text)


def expanded(line: str) -> str:
    """A source line fit for a terminal, its tabs as four columns each."""
    return shown(line.replace("\t", " " * _TAB))


def encodable(text: str) -> str:
    r"""Text that any encoder and JSON reader takes: lone surrogates (bytes of a file name) as \xff in letters."""
    return _SURROGATE.sub(lambda match: _shown(match[0]), text)


def width(text: str) -> int:
    """How many columns of a terminal `expanded` text takes."""
    return sum(_width(character) for character in text)


def _shown(character: str) -> str:
    if character == _JOINER or unicodedata.category(character) not in _UNSAFE:
        return character
    if "\udc80" <= character <= "\udcff":  # a byte of a file name that is no UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def _width(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH or character == _JOINER:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
