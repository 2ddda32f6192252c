"""Adds services to a spec's text: what was there stays, to the byte. Pure.

The place is found in libyaml's events, and what comes out is read again: unless its data is the data of before with the
services at the end, the edit is refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent, MappingStartEvent, NodeEvent, ScalarEvent

from envgen import codes, scalars
from envgen.finding import EnvgenError, Finding, Severity
from envgen.source import Data, Problem, Source, parse

_LOADER: Any = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*")
_SERVICES = "services"
_STEP = 2

Entry = Mapping[str, Data]


@dataclass(slots=True)
class _Map:
    """A mapping in the text, by offsets: `end` is where its last value ends."""

    is_flow: bool
    start: int
    keys: list[tuple[int, int]] = field(default_factory=list)  # offset and column
    end: int = 0


@dataclass(slots=True)
class _Layout:
    """Where the root and the services stand (None: they are no mapping).

    `key_end` is where the key `services` ends with a scalar after it, None where there is none; `child` is the first
    service that is a block mapping.
    """

    root: _Map | None = None
    services: _Map | None = None
    child: _Map | None = None
    key_end: int | None = None

    @property
    def step(self) -> int:
        """How much further a service's keys are indented than its name."""
        if self.child and self.child.keys and self.services:
            return self.child.keys[0][1] - self.services.keys[0][1]
        return 0


def with_services(text: str, path: str, entries: Mapping[str, Entry]) -> str:
    """The text of the spec at `path` with more services; raises EnvgenError where they can't be added.

    `text` is what the file holds, with its line ends and byte order mark.
    """
    source = parse(text, path)
    data = source.data
    services = data.get(_SERVICES) if isinstance(data, dict) else None
    for name in entries:
        if isinstance(services, dict) and name in services:
            message, hint = f"there is a service `{name}` already", "`--as NAME` gives the new one another name"
            raise EnvgenError([_finding(source, codes.NAME_CLASH, (_SERVICES, name), message, hint)])
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    wanted = _with(data, entries)
    for candidate in _candidates(text.removeprefix("\ufeff"), entries):
        try:
            found = parse(mark + candidate, path)
        except EnvgenError:
            continue
        if (
            found.data == wanted
            and _order(found.data) == _order(wanted)
            and len(found.problems) == len(source.problems)
        ):
            return mark + candidate
    hint = (
        f"write it by hand: {', '.join(f'`{_scalar(name)}: {_value(dict(entry))}`' for name, entry in entries.items())}"
    )
    message = "there is no place in the text where a service could be added without changing anything else"
    raise EnvgenError([_finding(source, codes.USAGE, (_SERVICES,), message, hint)])


def _finding(source: Source, code: str, route: tuple[str, ...], message: str, hint: str) -> Finding:
    severity = Severity.ERROR
    return source.finding(Problem(code=code, route=route, message=message, hint=hint, at_key=True, severity=severity))


def _with(data: Data, entries: Mapping[str, Entry]) -> Data:
    root = data if isinstance(data, dict) else {}
    services = root.get(_SERVICES)
    added: dict[str, Data] = {name: dict(entry) for name, entry in entries.items()}
    return {**root, _SERVICES: {**(services if isinstance(services, dict) else {}), **added}}


def _order(data: Data) -> list[str]:
    services = data.get(_SERVICES) if isinstance(data, dict) else None
    return list(services) if isinstance(services, dict) else []


def _candidates(text: str, entries: Mapping[str, Entry]) -> Iterator[str]:
    """The texts with the entries at the places where they may go, the best first."""
    layout = _layout(text)
    root, services = layout.root, layout.services
    newline = "\r\n" if "\r\n" in text else "\n"
    if services is not None and services.is_flow:
        yield _in_flow(text, services, entries)
    elif services is not None and services.keys:
        indent = services.keys[0][1]
        step = layout.step or max(indent - (root.keys[0][1] if root else 0), _STEP)
        body = _block(entries, indent, step, newline, is_spaced=_is_spaced(text, services))
        for place in _places(text, services.end, indent):
            yield _inserted(text, place, body, newline)
    elif root is None or root.is_flow or services is not None:
        if root is not None and layout.key_end is None:
            yield _in_flow(text, root, {_SERVICES: {name: dict(entry) for name, entry in entries.items()}})
    else:
        column = root.keys[0][1]
        body = _block(entries, column + _STEP, _STEP, newline, is_spaced=False)
        if layout.key_end is not None:
            yield _inserted(text, _line_end(text, layout.key_end), body, newline)
            return
        for place in _places(text, root.end, column + 1):
            yield _inserted(text, place, f"{newline}{' ' * column}{_SERVICES}:{newline}{body}", newline)


def _layout(text: str) -> _Layout:
    reader = _Reader()
    for event in yaml.parse(text, Loader=_LOADER):
        reader.hear(event)
    return reader.layout


class _Reader:
    """Follows libyaml's events down to the keys of services."""

    def __init__(self) -> None:
        self.layout = _Layout()
        self.stack: list[
            tuple[_Map | None, int]
        ] = []  # the collections around (None: a list), each with its items so far
        self.is_services = False  # whether the last key of the root was `services`

    def hear(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's two parsers share no type
        start, end = event.start_mark, event.end_mark
        if isinstance(event, CollectionEndEvent):
            closed, _ = self.stack.pop()
            if end.index > start.index and closed is not self.layout.root:  # flow style
                self._end(end.index, in_services=closed is not self.layout.services)
        elif isinstance(event, NodeEvent):
            if self.stack:
                self._item(event)
            if isinstance(event, CollectionStartEvent):
                self._open(event)
            else:
                self._end(end.index)

    def _item(self, event: Any) -> None:  # noqa: ANN401 - see hear
        holder, count = self.stack[-1]
        self.stack[-1] = holder, count + 1
        is_key = holder is not None and not count % 2
        if holder is not None and is_key:
            holder.keys.append((event.start_mark.index, event.start_mark.column))
        if len(self.stack) == 1 and is_key:
            self.is_services = isinstance(event, ScalarEvent) and event.value == _SERVICES
        elif len(self.stack) == 1 and self.is_services:
            self.layout.key_end = event.end_mark.index

    def _open(self, event: Any) -> None:  # noqa: ANN401 - see hear
        is_map = isinstance(event, MappingStartEvent)
        found = _Map(bool(event.flow_style), event.start_mark.index) if is_map else None
        if not self.stack:
            self.layout.root = found
        elif self.is_services and len(self.stack) == 1:
            self.layout.services = found
        elif self.is_services and self.layout.child is None and found and not found.is_flow:
            self.layout.child = found
        self.stack.append((found, 0))

    def _end(self, end: int, *, in_services: bool = True) -> None:
        if self.layout.root is not None:
            self.layout.root.end = end
        if self.layout.services is not None and self.is_services and in_services:
            self.layout.services.end = end


def _places(text: str, end: int, column: int) -> Iterator[int]:
    """Offsets of the lines before which an entry can go: after the last value, and the comments that belong to it."""
    at = _line_end(text, len(text[:end].rstrip()))
    best = at
    while at < len(text):
        following = _line_end(text, at)
        line = text[at:following]
        written = line.strip()
        if written and not (written.startswith("#") and len(line) - len(line.lstrip(" ")) >= column):
            break
        best = following if written else best
        at = following
    yield best
    yield at  # a block scalar that keeps the empty lines after it


def _line_end(text: str, at: int) -> int:
    """The offset of the line after the one that holds `at`."""
    found = text.find("\n", max(at, 0))
    return len(text) if found < 0 else found + 1


def _inserted(text: str, place: int, body: str, newline: str) -> str:
    gap = newline if place and text[place - 1] != "\n" else ""
    return f"{text[:place]}{gap}{body}{text[place:]}"


def _is_spaced(text: str, services: _Map) -> bool:
    """Whether empty lines stand between services."""
    if len(services.keys) == 1:
        return False
    above = text[: services.keys[-1][0]].split("\n")[-2::-1]
    return next((not line.strip() for line in above if not line.lstrip().startswith("#")), False)


def _block(entries: Mapping[str, Entry], indent: int, step: int, newline: str, *, is_spaced: bool) -> str:
    """Entries as block mappings."""
    lines: list[str] = []
    for name, entry in entries.items():
        lines += [""] * is_spaced + [f"{' ' * indent}{_scalar(name)}:"]
        lines += [f"{' ' * (indent + step)}{key}: {_value(value)}" for key, value in entry.items()]
    return "".join(f"{line}{newline}" for line in lines)


def _value(value: Data) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_value(item)}" for key, item in value.items()) + "}"
    return _scalar(value) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str) -> str:
    """Text without quotes where YAML takes it for that text, also in a flow mapping."""
    is_plain = _PLAIN.fullmatch(text) and scalars.resolve(text, True, None) == text  # noqa: FBT003 - it has no quotes
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _in_flow(text: str, found: _Map, entries: Mapping[str, Entry]) -> str:
    """Entries in a flow mapping or JSON, which JSON is valid in both."""
    if found.keys:
        key = found.keys[-1][0]
        gap = text[len(text[:key].rstrip()) : key]
        separator, at = f",{gap or ' '}" if "\n" in gap else ", ", found.end
    else:
        separator, at = "", found.start + 1
    last = text[:at]
    added = [f"{json.dumps(name)}: {json.dumps(dict(entry), ensure_ascii=False)}" for name, entry in entries.items()]
    return last + (separator if found.keys else "") + (separator or ", ").join(added) + text[at:]
