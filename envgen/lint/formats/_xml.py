"""XML 1.0 that any reader takes, whatever is in a message or a file's name."""

import re
from collections.abc import Mapping

from envgen.lint.formats._display import encodable

# https://www.w3.org/TR/xml/#charsets: everything else may not appear, not even escaped
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# a reader turns raw line ends and tabs of an attribute into blanks, and \r anywhere into \n
_IN_ATTRIBUTES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def element(name: str, attributes: Mapping[str, object], content: str = "") -> str:
    """An element; `content` is XML already."""
    written = "".join(f' {key}="{_escaped(str(value), _IN_ATTRIBUTES)}"' for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(content: str) -> str:
    """Text as XML."""
    return _escaped(content, _IN_TEXT)


def _escaped(content: str, escapes: Mapping[str, str]) -> str:
    legal = _ILLEGAL.sub(lambda match: match[0].encode("unicode_escape").decode(), encodable(content))
    return legal.translate({ord(character): written for character, written in escapes.items()})
