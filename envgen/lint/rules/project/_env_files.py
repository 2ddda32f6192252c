"""Files of variables (`.env`, `env_file`) with the place of each, in the grammar of compose-go's dotenv package.

Terms: https://docs.docker.com/compose/how-tos/environment-variables/env-file/; checked against docker-compose 5.6.1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envgen.lint.place import Place

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z0-9_.\-\[\]]+)\s*(?:[=:](?P<value>.*))?")
_COMMENT = re.compile(r"\s#")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of such a file; `value` is None where only a name is written. `place` is that of the name."""

    name: str
    value: str | None
    place: Place


def entries(text: str, path: str) -> Iterator[Entry]:
    """The variables of a file in order, a name as often as it is written; what can't be read is left out."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number].removesuffix("\r")
        number += 1
        found = None if line.lstrip().startswith("#") else _LINE.match(line)
        if found is None:
            continue
        place = Place(number, found.start("name") + 1, len(found["name"]), path)
        value = found["value"]
        if value is None:
            if not line[found.end() :].strip():
                yield Entry(found["name"], None, place)
            continue
        value = value.strip()
        if value[:1] in {"'", '"'} and (quote := value[0]) not in value[1:]:
            rest = [value]
            while number < len(lines) and quote not in lines[number]:
                rest.append(lines[number])
                number += 1
            if number < len(lines):
                rest.append(lines[number])
                number += 1
            value = "\n".join(rest)
        yield Entry(found["name"], _unquoted(value), place)


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in {"'", '"'}:
        return value[1:].partition(quote)[0]
    if value.startswith("#"):
        return ""
    comment = _COMMENT.search(value)
    return (value[: comment.start()] if comment else value).rstrip()
