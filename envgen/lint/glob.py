"""Globs of the configuration, which read like the lines of a .gitignore."""

import re
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|[^*?\[]+|\[")
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(pattern: str, path: str) -> bool:
    """Whether a glob covers a path, which is relative to where the glob holds, with `/` (a folder's ends in one).

    `*` stays inside of a name, `**` doesn't. A glob with a `/` inside starts at the top, one without holds at any
    depth; one that covers a folder covers all that is in it.
    """
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = pattern.removeprefix("./").rstrip("/")
    start = "" if "/" in body else "(?:.*/)?"
    end = "/.*" if pattern.endswith("/") else "(?:/.*)?"
    parts = [_WILD.get(token) or _literal(token) for token in _TOKEN.findall(body.lstrip("/"))]
    return re.compile(start + "".join(parts) + end, re.DOTALL)


def _literal(token: str) -> str:
    if len(token) > 2 and token[0] == "[" and token[-1] == "]":  # noqa: PLR2004 - brackets around something
        inverted = token[1] in "!^"
        inside = token[2 if inverted else 1 : -1].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        expression = f"[{'^/' if inverted else ''}{inside}]"
        try:
            re.compile(expression)
        except re.error:  # a range that runs backwards
            return re.escape(token)
        return expression
    return re.escape(token)
