"""YAML or JSON text -> plain data in which every value and key has its place.

One pass over libyaml's events builds data and places together, without recursion: depth, size and aliases are checked
while they come in, so no text can overflow a stack (PyYAML's own composer does) or fill the memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from envgen import codes, scalars, yaml_guard
from envgen.finding import Finding, Severity
from envgen.yaml_guard import Text

Data: TypeAlias = bool | int | float | str | list["Data"] | dict[str, "Data"] | None
Route: TypeAlias = tuple[str | int, ...]

_LOADER: Any = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
_MERGE: Any = object()  # stands for the key `<<`
_RESET: Any = object()  # stands for a value tagged `!reset`
_Span: TypeAlias = tuple[int, int]  # offsets of a scalar's start and end
_COLLECTION_TAGS = {
    is_map: {scalars.OVERRIDE, "!", *(scalars.PREFIX + name for name in names)}
    for is_map, names in ((True, ("map", "set")), (False, ("seq", "omap")))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong at a route, not yet placed in a file.

    `at_key` points at the key rather than at the value; without a severity it is that of the code's catalogue entry.
    """

    code: str
    route: Route
    message: str
    hint: str | None = None
    at_key: bool = False
    severity: Severity | None = None


class _Node:
    """A mapping (items: key, value, key, value) or a list: where it starts, what it holds, how large it is expanded."""

    __slots__ = ("data", "depth", "has_reset", "index", "is_map", "is_reset", "items", "size", "start", "values")

    def __init__(self, start: int, *, is_map: bool, total: int) -> None:
        self.start = start
        self.is_map = is_map
        self.items: list[_Span | _Node] = []  # for a key that is an alias, the place of the alias
        self.values: list[Any] = []  # the data of each item
        self.size = total  # until it is closed: the total before it
        self.depth = 1
        self.is_reset = self.has_reset = False
        self.data: Any = None
        self.index: dict[str, tuple[_Span, _Span | _Node]] | None = None

    @property
    def expects_key(self) -> bool:
        """Whether the next item to be added is a key."""
        return self.is_map and not len(self.items) & 1


_Item: TypeAlias = _Span | _Node


@dataclass(frozen=True, slots=True)
class Source:
    """A file that could be read: its data, and where each part of it stands.

    `path` is as shown to people (`<stdin>` for standard input), `text` has Unix line ends and no byte order mark.
    Aliases share their data: it must not be changed. `problems` are the errors that didn't stop reading, in the order
    of the text; while there are any, `data` is a best effort (the first of duplicate keys, keys as text).
    """

    path: str
    text: str
    data: Data
    problems: tuple[Finding, ...]
    _root: _Item = field(repr=False, compare=False)
    _text: Text = field(repr=False, compare=False)

    def place(self, route: Route, *, at_key: bool = False) -> tuple[int, int, int]:
        """Line, column (1-based, in characters) and width of the value at `route`, or of its key.

        A route that leads nowhere has the place of its nearest existing parent. What comes from an alias or a merge is
        placed where its text stands. A list item has no key, nor has the file: there `at_key` changes nothing. The
        width is the length of a scalar on one line, or of a block mapping's first key, else 1.
        """
        return self._text.place(*self._locate(route, at_key=at_key))

    def file(self, _route: Route) -> str:
        """The path of the file that wrote the value at a route; a spec may be made of several (`MergedSource`)."""
        return self.path

    def finding(self, problem: Problem) -> Finding:
        """The problem as a finding in this file. For the caret under its excerpt see `yaml_guard.caret`."""
        span = self._locate(problem.route, at_key=problem.at_key)
        return self._text.finding(problem.code, span, problem.message, problem.hint, problem.severity)

    def _locate(self, route: Route, *, at_key: bool) -> _Span:
        key: _Span | None = None
        node = self._root
        for part in route:
            if not isinstance(node, _Node):
                break
            if node.is_map:
                found = _index(node).get(str(part))
                if found is None:
                    break
                key, node = found
            elif isinstance(part, int) and 0 <= part < len(node.items):
                key, node = None, node.items[part]
            else:
                break
        return key if at_key and key is not None else _span(node)


def parse(content: bytes | str, path: str) -> Source:
    """The data and places of a YAML or JSON file; raises EnvgenError if it can't be read at all.

    JSON is YAML but for surrogate pairs and some raw characters in strings: these are accepted when `path` ends in
    .json or the text starts with `{`.
    """
    text = yaml_guard.read(content, path)
    builder = _Builder(text)
    root, data = builder.run()
    problems = tuple(sorted(builder.problems, key=lambda finding: (finding.line, finding.column)))
    return Source(path, text.shown, data, problems, root, text)


class _Builder:
    """Turns the events of one document into nodes and data; collects the problems that don't stop reading."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.problems: list[Finding] = []
        self.anchors: dict[str, tuple[_Item, Any, int]] = {}  # name -> item, data, size
        self.stack: list[_Node] = []
        self.total = 0  # values so far, aliases expanded: see MAX_EXPANDED
        self.written = 0

    def run(self) -> tuple[_Item, Data]:
        """Root and data of the first document; an empty file has an empty span for a root."""
        try:
            loader = _LOADER(self.text.parsed)
            try:
                top = self._document(loader.get_event)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise yaml_guard.syntax_error(error, self.text) from None
        if not top.items:
            return (0, 0), None
        return top.items[0], None if top.has_reset else top.values[0]

    def _document(self, get_event: Callable[[], Any]) -> _Node:
        """The first document in a list of its own; a second one is a problem."""
        top = current = _Node(0, is_map=False, total=0)
        self.stack.append(top)
        while True:
            event = get_event()
            kind = event.__class__
            if kind is ScalarEvent:
                self._scalar(event, current)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                current = self._open(event, is_map=kind is MappingStartEvent)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                current = self._close()
            elif kind is AliasEvent:
                self._alias(event, current)
            elif kind is DocumentStartEvent and top.items:
                hint = "Remove the `---`, or put the documents into files of their own."
                start = event.start_mark.index
                self._problem((start, start + 3), "a second document starts here, but a file can hold only one", hint)
                return top
            elif kind is StreamEndEvent:
                return top

    def _problem(self, span: _Span, message: str, hint: str | None, code: str = codes.UNSUPPORTED_YAML) -> None:
        # beyond that nobody reads on, and a broken file could have as many as it has values
        if len(self.problems) < yaml_guard.MAX_PROBLEMS:
            self.problems.append(self.text.finding(code, span, message, hint))

    def _count(self, event: Any, size: int) -> None:  # noqa: ANN401 - PyYAML's two parsers share no type
        """Count an event of so many values; raises EnvgenError when it is one too many."""
        self.total += size
        self.written += 1
        if self.written > yaml_guard.MAX_WRITTEN:
            message = f"the file holds more than {yaml_guard.MAX_WRITTEN:,} keys and values"
        elif self.total > yaml_guard.MAX_EXPANDED:
            message = f"with its aliases expanded, the file is larger than {yaml_guard.MAX_EXPANDED:,} values"
        else:
            return
        raise self.text.error(codes.TOO_LARGE, event.start_mark.index, message)

    def _scalar(self, event: Any, parent: _Node) -> None:  # noqa: ANN401 - see _count
        """Add a scalar to its parent."""
        value = data = event.value
        # long texts count for more, so that aliases can't multiply them
        size = 1 + (len(value) >> 7)
        self._count(event, size)
        # only the offsets are kept: events take five times the memory, and the garbage collector's time
        span = (event.start_mark.index, event.end_mark.index)
        if event.tag is not None or (not event.style and value[:1] in scalars.SPECIAL_STARTS):
            data = self._special(event, span, parent)
        if event.anchor is not None:
            self.anchors[event.anchor] = span, "<<" if data is _MERGE else data, size
        parent.items.append(span)
        parent.values.append(data)

    def _special(self, event: Any, span: _Span, parent: _Node) -> Any:  # noqa: ANN401 - see _count
        """The data of a scalar that may be no text; what compose refuses is a problem, and its text the data."""
        text, tag, plain = event.value, event.tag, not event.style
        is_key = parent.expects_key
        if is_key and text == "<<" and (tag == scalars.MERGE or (tag is None and plain)):
            return _MERGE
        if tag == scalars.RESET and not is_key:
            parent.has_reset = True
            return _RESET
        try:
            data = scalars.resolve(text, plain, tag)
        except scalars.ScalarError as error:
            self._problem(span, str(error), error.hint)
            return text
        return self._key(span, data, text) if is_key and not isinstance(data, str) else data

    def _key(self, span: _Span, data: Data, text: str) -> str:
        """The text of a scalar key that is no text: a problem, as for compose."""
        if text:
            shown = "null" if data is None else text
            self._problem(span, f"the key `{shown}` is no text, and compose refuses it", f'Write "{text}" in quotes.')
        else:
            self._problem(span, "a key is missing before this `:`", 'Write "" if the key is the empty text.')
        return text

    def _open(self, event: Any, *, is_map: bool) -> _Node:  # noqa: ANN401 - see _count
        """Start a mapping or list."""
        start = event.start_mark.index
        node = _Node(start, is_map=is_map, total=self.total)
        self._count(event, 1)
        self.stack.append(node)
        if len(self.stack) - 1 > yaml_guard.MAX_DEPTH:
            raise self._too_deep(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node, None, 0
        if event.tag is not None:
            node.is_reset = event.tag == scalars.RESET
            if not node.is_reset and event.tag not in _COLLECTION_TAGS[is_map]:
                message = f"compose knows no `{scalars.short(event.tag)}` that is a {'mapping' if is_map else 'list'}"
                self._problem((start, start + 1), message, "Remove the tag.")
        return node

    def _close(self) -> _Node:
        """Finish the innermost mapping or list, and return its parent."""
        node = self.stack.pop()
        parent = self.stack[-1]
        if node.has_reset:
            _drop_reset(node)
        node.data = self._mapping(node) if node.is_map else node.values
        node.size = self.total - node.size
        if node.is_reset and not parent.expects_key:
            node.data = _RESET
            parent.has_reset = True
        if parent.depth <= node.depth:
            parent.depth = node.depth + 1
        parent.items.append(node)
        parent.values.append(node.data)
        return parent

    def _alias(self, event: Any, parent: _Node) -> None:  # noqa: ANN401 - see _count
        """Add what an anchor stands for once more."""
        name = event.anchor
        span = (event.start_mark.index, event.end_mark.index)
        if name not in self.anchors:
            hint = f"Define `&{name}` above, or quote the value if it is text."
            raise self.text.error(codes.YAML_SYNTAX, span, f"there is no anchor `&{name}` above this", hint)
        item, data, size = self.anchors[name]
        if isinstance(item, _Node):
            if item in self.stack:
                message = f"`*{name}` stands inside of the very `&{name}` that it repeats"
                raise self.text.error(codes.UNSUPPORTED_YAML, span, message)
            data, size = item.data, item.size
            if len(self.stack) - 1 + item.depth > yaml_guard.MAX_DEPTH:
                raise self._too_deep(event)
            parent.depth = max(parent.depth, item.depth + 1)
        self._count(event, size)
        if parent.expects_key:
            if not isinstance(data, (str, dict, list)) and data is not _RESET:
                data = self._key(span, data, str(data))
            item = span
        elif data is _RESET:
            parent.has_reset = True
        parent.items.append(item)
        parent.values.append(data)

    def _too_deep(self, event: Any) -> Exception:  # noqa: ANN401 - see _count
        message = f"mappings and lists are nested more than {yaml_guard.MAX_DEPTH} deep"
        return self.text.error(codes.TOO_LARGE, event.start_mark.index, message)

    def _mapping(self, node: _Node) -> dict[str, Data]:
        """The data of a complete mapping: its own keys, then those that it merges."""
        items, values = node.items, node.values
        keys = values[::2]
        data: dict[str, Data] = {}
        merged: list[_Node] = []
        for at, key in enumerate(keys):
            if key.__class__ is str:
                data.setdefault(key, values[2 * at + 1])
            elif key is _MERGE:
                merged = merged or self._merged(_span(items[2 * at]), items[2 * at + 1])
            else:
                start, end = _span(items[2 * at])
                is_flow = self.text.parsed[start : start + 1] in {"{", "["}
                hint = "Quote a value that starts with `{` or `[`." if is_flow else "Only text can be a key."
                self._problem((start, end), "a mapping or list can't be a key", hint)
        if len(data) + len(merged[:1]) < len(keys):
            self._duplicates(keys, items)
        for other in merged:
            for key, value in other.data.items():
                data.setdefault(key, value)
        return data

    def _duplicates(self, keys: list[Any], items: list[_Item]) -> None:
        """A problem for each of the keys that is there already."""
        first: dict[Any, _Span] = {}
        for at, key in enumerate(keys):
            if key.__class__ is not str and key is not _MERGE:
                continue
            span = _span(items[2 * at])
            known = first.setdefault(key, span)
            if known is not span:
                line = self.text.place(*known)[0]
                name, hint = key, "Remove or rename one of them."
                if key is _MERGE:
                    name, hint = "<<", "Write `<<: [*a, *b]` to merge several."
                self._problem(span, f"the key `{name}` is already on line {line}", hint, codes.DUPLICATE_KEY)

    def _merged(self, span: _Span, value: _Item) -> list[_Node]:
        """The mappings that the value of a `<<` names; the first that has a key wins."""
        items = [value] if not isinstance(value, _Node) or value.is_map else value.items
        nodes = [item for item in items if isinstance(item, _Node) and item.is_map]
        if len(nodes) < len(items):
            self._problem(span, "`<<` takes a mapping or a list of mappings", "Write `<<: *name` or `<<: [*a, *b]`.")
        return nodes


def _drop_reset(node: _Node) -> None:
    """Take out what is tagged `!reset`, as compose does before it looks at anything else."""
    step = 2 if node.is_map else 1
    keep = [at for at in range(0, len(node.items), step) if node.values[at + step - 1] is not _RESET]
    node.items = [item for at in keep for item in node.items[at : at + step]]
    node.values = [value for at in keep for value in node.values[at : at + step]]


def _index(node: _Node) -> dict[str, tuple[_Span, _Item]]:
    """Where the keys and values of a mapping are, its own before merged ones; kept at the node."""
    if node.index is None:
        node.index = {}
        merged: list[_Node] = []
        for at, key in enumerate(node.values[::2]):
            value = node.items[2 * at + 1]
            if key.__class__ is str:
                node.index.setdefault(key, (_span(node.items[2 * at]), value))
            elif key is _MERGE and not merged and isinstance(value, _Node):
                merged = [item for item in ([value] if value.is_map else value.items) if isinstance(item, _Node)]
        for other in merged:
            for key, found in _index(other).items():
                node.index.setdefault(key, found)
    return node.index


def _span(item: _Item) -> _Span:
    """The offsets to show for an item: a scalar's, or the first of a collection."""
    if not isinstance(item, _Node):
        return item
    first = item.items[0] if item.is_map and item.items else None
    return first if isinstance(first, tuple) and first[0] == item.start else (item.start, item.start + 1)
