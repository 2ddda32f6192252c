"""YAML or JSON text -> plain data in which every value and key has its place.

One pass over libyaml's events builds data and places together, without recursion: depth, size and aliases are checked
while they come in, so no text can overflow a stack (PyYAML's own composer does) or fill the memory.
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
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
_COLLECTION_TAGS = {scalars.OVERRIDE, "!", *(scalars.PREFIX + name for name in ("map", "set", "seq", "omap"))}


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

    __slots__ = ("data", "depth", "has_reset", "index", "is_map", "items", "size", "start", "values")

    def __init__(self, start: Any, *, is_map: bool, total: int) -> None:  # noqa: ANN401 - an event of either parser
        self.start = start
        self.is_map = is_map
        self.items: list[Any] = []  # nodes and scalar events; for a key that is an alias, the alias
        self.values: list[Any] = []  # the data of each item
        self.size = total  # until it is closed: the total before it
        self.depth = 1
        self.has_reset = False
        self.data: Any = None
        self.index: dict[str, tuple[Any, Any]] | None = None


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
    _root: Any = field(repr=False, compare=False)
    _text: Text = field(repr=False, compare=False)

    def place(self, route: Route, *, at_key: bool = False) -> tuple[int, int, int]:
        """Line, column (1-based, in characters) and width of the value at `route`, or of its key.

        A route that leads nowhere has the place of its nearest existing parent. What comes from an alias or a merge is
        placed where its text stands. A list item has no key, nor has the file: there `at_key` changes nothing. The
        width is the length of a scalar on one line, or of a block mapping's first key, else 1.
        """
        key, node = None, self._root
        for part in route:
            if node.__class__ is not _Node:
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
        return _extent(key if at_key and key is not None else node, self._text)

    def finding(self, problem: Problem) -> Finding:
        """The problem as a finding in this file. For the caret under its excerpt see `yaml_guard.caret`."""
        place = self.place(problem.route, at_key=problem.at_key)
        severity = problem.severity or codes.CODES[problem.code].severity
        return self._text.placed(place, problem.code, severity, problem.message, problem.hint)


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
        self.anchors: dict[str, tuple[Any, Any]] = {}  # name -> node, data
        self.stack: list[_Node] = []
        self.total = 0  # values so far, aliases expanded: see MAX_EXPANDED
        self.written = 0

    def run(self) -> tuple[Any, Data]:
        """Root node (None in an empty file) and data of the first document."""
        try:
            loader = _LOADER(self.text.parsed)
            try:
                return self._document(loader.get_event)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise yaml_guard.syntax_error(error, self.text) from None

    def _document(self, get_event: Any) -> tuple[Any, Data]:  # noqa: ANN401 - PyYAML's parsers have no types
        """Build the first document from events; a second one is a problem."""
        top = current = _Node(None, is_map=False, total=0)
        self.stack.append(top)
        while True:
            event = get_event()
            kind = event.__class__
            if kind is ScalarEvent:
                self._scalar(event, current)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                current = self._open(event, is_map=kind is MappingStartEvent)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                current = self._close()
            elif kind is AliasEvent:
                self._alias(event, current)
            elif kind is DocumentStartEvent and top.items:
                message = "a second document starts here, and a file can only hold one"
                self._problem(event, message, "Remove the `---`, or put the documents into files of their own.")
                break
            elif kind is StreamEndEvent:
                break
        if not top.items or top.has_reset:
            return top.items[0] if top.items else None, None
        return top.items[0], top.values[0]

    def _problem(self, event: Any, message: str, hint: str | None = None, code: str = codes.UNSUPPORTED_YAML) -> None:  # noqa: ANN401
        self.problems.append(
            self.text.placed(_extent(event, self.text), code, codes.CODES[code].severity, message, hint)
        )

    def _count(self, event: Any, size: int) -> None:  # noqa: ANN401
        """Count an event of so many values; raises EnvgenError when it is one too many."""
        self.total += size
        self.written += 1
        if self.written > yaml_guard.MAX_WRITTEN or self.total > yaml_guard.MAX_EXPANDED:
            if self.written > yaml_guard.MAX_WRITTEN:
                message = f"the file holds more than {yaml_guard.MAX_WRITTEN:,} keys and values"
            else:
                message = f"with its aliases expanded, the file is larger than {yaml_guard.MAX_EXPANDED:,} values"
            raise self.text.error(codes.TOO_LARGE, event.start_mark.index, message)

    def _scalar(self, event: Any, parent: _Node) -> None:  # noqa: ANN401
        """Add a scalar to its parent."""
        value = data = event.value
        # long texts count for more, so that aliases can't multiply them
        self._count(event, 1 + (len(value) >> 7))
        if event.tag is not None or (not event.style and value[:1] in scalars.SPECIAL_STARTS):
            data = self._special(event, is_key=parent.is_map and not len(parent.items) & 1)
            if data is _RESET:
                parent.has_reset = True
        if event.anchor is not None:
            self.anchors[event.anchor] = event, data
        parent.items.append(event)
        parent.values.append(data)

    def _special(self, event: Any, *, is_key: bool) -> Any:  # noqa: ANN401
        """The data of a scalar that may be no text; what compose refuses is a problem, and its text the data."""
        tag, plain = event.tag, not event.style
        if is_key and (tag == scalars.MERGE or (tag is None and plain and event.value == "<<")):
            return _MERGE
        if tag == scalars.RESET and not is_key:
            return _RESET
        try:
            return scalars.resolve(event.value, plain, tag)
        except scalars.ScalarError as error:
            self._problem(event, str(error), error.hint)
            return event.value

    def _open(self, event: Any, *, is_map: bool) -> _Node:  # noqa: ANN401
        """Start a mapping or list."""
        node = _Node(event, is_map=is_map, total=self.total)
        self._count(event, 1)
        self.stack.append(node)
        if len(self.stack) - 1 > yaml_guard.MAX_DEPTH:
            raise self._too_deep(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node, None
        if event.tag is not None and event.tag not in _COLLECTION_TAGS and event.tag != scalars.RESET:
            kind = "mapping" if is_map else "list"
            self._problem(event, f"compose knows no `{scalars.short(event.tag)}` that is a {kind}", "Remove the tag.")
        return node

    def _close(self) -> _Node:
        """Finish the innermost mapping or list, and return its parent."""
        node = self.stack.pop()
        parent = self.stack[-1]
        if node.has_reset:
            _drop_reset(node)
        node.data = self._mapping(node) if node.is_map else node.values
        node.size = self.total - node.size
        if node.start.tag == scalars.RESET:
            node.data = _RESET
            parent.has_reset = True
        if parent.depth <= node.depth:
            parent.depth = node.depth + 1
        parent.items.append(node)
        parent.values.append(node.data)
        return parent

    def _alias(self, event: Any, parent: _Node) -> None:  # noqa: ANN401
        """Add what an anchor stands for once more."""
        if event.anchor not in self.anchors:
            hint = f"Define `&{event.anchor}` above, or quote the value if it is text."
            raise self.text.error(
                codes.YAML_SYNTAX, event.start_mark.index, f"there is no anchor `&{event.anchor}` above this", hint
            )
        node, data = self.anchors[event.anchor]
        if node.__class__ is _Node:
            if node in self.stack:
                message = f"`*{event.anchor}` stands inside of the very `&{event.anchor}` that it repeats"
                raise self.text.error(codes.UNSUPPORTED_YAML, event.start_mark.index, message)
            data = node.data
            self._count(event, node.size)
            if len(self.stack) - 1 + node.depth > yaml_guard.MAX_DEPTH:
                raise self._too_deep(event)
            parent.depth = max(parent.depth, node.depth + 1)
        else:
            self._count(event, 1 + (len(node.value) >> 7))
        is_key = parent.is_map and not len(parent.items) & 1
        if data is _RESET:
            parent.has_reset = True
        parent.items.append(event if is_key else node)
        parent.values.append(data)

    def _too_deep(self, event: Any) -> Exception:  # noqa: ANN401
        message = f"mappings and lists are nested more than {yaml_guard.MAX_DEPTH} deep"
        return self.text.error(codes.TOO_LARGE, event.start_mark.index, message)

    def _mapping(self, node: _Node) -> dict[str, Data]:
        """The data of a complete mapping. The node's values get the keys as they are in the data."""
        items, values = node.items, node.values
        data: dict[str, Data] = {}
        merged: list[Any] = []
        first: dict[Any, Any] = {}
        for at in range(0, len(values), 2):
            key = values[at]
            if key.__class__ is not str and key is not _MERGE:
                key = values[at] = self._key(items[at], key)
                if key is None:
                    continue
            if key in first:
                line = self.text.position(first[key].start_mark.index)[0]
                name = "<<" if key is _MERGE else key
                hint = "Write `<<: [*a, *b]` to merge several." if key is _MERGE else "Remove or rename one of them."
                message = f"the key `{name}` is already on line {line}"
                self._problem(items[at], message, hint, codes.DUPLICATE_KEY)
            elif key is _MERGE:
                merged = self._merged(items[at], items[at + 1])
                first[key] = items[at]
            else:
                first[key] = items[at]
                data[key] = values[at + 1]
        for other in merged:
            for key, value in other.data.items():
                data.setdefault(key, value)
        return data

    def _key(self, event: Any, key: Any) -> str | None:  # noqa: ANN401
        """The text of a key that is none, or None if it has no text; a problem in any case, as for compose."""
        if event.__class__ is not ScalarEvent and not isinstance(key, (int, float)) and key is not None:
            is_template = getattr(getattr(event, "start", event), "flow_style", False)
            hint = "Quote a value that starts with `{` or `[`." if is_template else "Only text can be a key."
            self._problem(getattr(event, "start", event), "a mapping or list can't be a key", hint)
            return None
        text = event.value if event.__class__ is ScalarEvent else str(key)
        if not text:
            self._problem(event, "a key is missing before this `:`", 'Write "" if the key is the empty text.')
        else:
            self._problem(event, f"the key `{text}` is no text, and compose refuses it", f'Write "{text}" in quotes.')
        return str(text)

    def _merged(self, event: Any, value: Any) -> list[_Node]:  # noqa: ANN401
        """The mappings that `<<: value` takes in, first come first served."""
        nodes = value.items if value.__class__ is _Node and not value.is_map else [value]
        if any(node.__class__ is not _Node or not node.is_map for node in nodes):
            self._problem(event, "`<<` takes a mapping or a list of mappings", "Write `<<: *name` or `<<: [*a, *b]`.")
            return []
        return list(nodes)


def _drop_reset(node: _Node) -> None:
    """Take out what is tagged `!reset`, as compose does before it looks at anything else."""
    step = 2 if node.is_map else 1
    keep = [at for at in range(0, len(node.items), step) if node.values[at + step - 1] is not _RESET]
    node.items = [item for at in keep for item in node.items[at : at + step]]
    node.values = [value for at in keep for value in node.values[at : at + step]]


def _index(node: _Node) -> dict[str, tuple[Any, Any]]:
    """The key and value nodes of a mapping by key, its own before merged ones; kept at the node."""
    if node.index is None:
        node.index = {}
        merged: list[_Node] = []
        for at, key in enumerate(node.values[::2]):
            event, value = node.items[2 * at], node.items[2 * at + 1]
            if key.__class__ is str:
                node.index.setdefault(key, (event, value))
            elif key is _MERGE and value.__class__ is _Node and not merged:
                merged = [value] if value.is_map else [item for item in value.items if item.__class__ is _Node]
        for other in merged:
            for key, found in _index(other).items():
                node.index.setdefault(key, found)
    return node.index


def _extent(node: Any, text: Text) -> tuple[int, int, int]:  # noqa: ANN401
    """Line, column and width of a node or event (None: of an empty file)."""
    if node is None:
        return 1, 1, 1
    token = node
    if node.__class__ is _Node:
        token = node.start
        first = node.items[0] if node.items else None
        if node.is_map and first.__class__ is ScalarEvent and first.start_mark.index == token.start_mark.index:
            token = first
    line, column = text.position(token.start_mark.index)
    if token.__class__ is not ScalarEvent and token.__class__ is not AliasEvent:
        return line, column, 1
    end_line, end = text.position(token.end_mark.index)
    return line, column, max(end - column, 1) if end_line == line else 1
