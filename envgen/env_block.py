"""The part of a .env file that belongs to `envgen ports --allocate`: found, read and replaced; all else stays. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

_BEGIN = "# >>> envgen ports: written by `envgen ports --allocate`; this block alone is envgen's"
_END = "# <<< envgen ports"
_CHECKOUT = "# checkout: "
_LINE = re.compile(r"([^\n]*)(\n|\Z)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=([A-Za-z0-9_.-]*)")


class BlockError(ValueError):
    """The block can't be told from the user's lines; `line` is 1-based."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Block:
    """What one checkout was given: the folder it was given to, and its variables in order."""

    checkout: str
    values: Mapping[str, str]


def split(text: str) -> tuple[str, Block | None, str]:
    """The text before the block, the block, and the text after it; raises BlockError.

    Without a block all of the text stands before it.
    """
    begin: tuple[int, int] | None = None
    end: int | None = None
    for number, match in enumerate(_LINE.finditer(text), 1):
        line = match[1].rstrip("\r ")
        if line.startswith(_BEGIN.split(":", 1)[0]):
            if begin is not None:
                raise BlockError(number, "a second block of envgen's starts here")
            begin = match.start(), number
        elif line == _END:
            if begin is None or end is not None:
                raise BlockError(number, "a block of envgen's ends here that doesn't start")
            end = match.end()
    if begin is None:
        return text, None, ""
    if end is None:
        raise BlockError(begin[1], f"the block of envgen's that starts here doesn't end: `{_END}` is gone")
    return text[: begin[0]], _read(text[begin[0] : end]), text[end:]


def replaced(text: str, block: Block) -> str:
    """The text with this block in place of the one it has, or at its end; line ends are those of the text."""
    before, _, after = split(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not before or before.endswith("\n") else newline
    lines = [_BEGIN, f"{_CHECKOUT}{quote(block.checkout)}", *(f"{name}={block.values[name]}" for name in block.values)]
    return f"{before}{gap}{newline.join([*lines, _END, ''])}{after}"


def _read(text: str) -> Block:
    checkout, values = "", {}
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith(_CHECKOUT):
            checkout = unquote(line.removeprefix(_CHECKOUT))
        elif match := _ASSIGNMENT.fullmatch(line):
            values[match[1]] = match[2]
    return Block(checkout, values)
