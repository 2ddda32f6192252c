"""What several formats say alike: a finding as one sentence, and its file as programs want it."""

import os
from urllib.parse import quote

from envgen import codes
from envgen.finding import Finding
from envgen.lint.about import About
from envgen.lint.formats._display import encodable


def sentence(finding: Finding) -> str:
    """The message and what to do, for formats that have one place for both."""
    return encodable(f"{finding.message}; {finding.hint}" if finding.hint else finding.message)


def title(known: About) -> str:
    """A code with its readable name: `EG101 stage-name-casing`."""
    return encodable(known.code if known.name == known.code else f"{known.code} {known.name}")


def has_place(finding: Finding) -> bool:
    """Whether a finding is about a place in a file: a wrong option or a missing tool has none."""
    return finding.code != codes.USAGE


def path(file: str) -> str:
    """A file's path relative to the working directory where it is below, with `/` and without `./`."""
    normal = os.path.normpath(file)
    if os.path.isabs(normal):  # noqa: PTH117 - a name that is no UTF-8 has to survive
        inside = os.path.relpath(normal)
        normal = normal if inside.startswith(os.pardir) else inside
    return normal.replace(os.sep, "/")


def uri(file: str) -> str:
    """`path` as a URI reference; the bytes of a name that is no UTF-8 as they are on disk."""
    name = path(file)
    try:
        content = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        content = name.encode("utf-8", "backslashreplace")
    escaped = quote(content, safe="/")
    return f"file://{escaped}" if escaped.startswith("/") else escaped
