"""The compose files around one that is read, parsed once each, and what holds for the values in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from envgen.finding import EnvgenError
from envgen.lint.tree import Tree
from envgen.scalars import OVERRIDE, RESET
from envgen.source import Route, Source, parse

_REMOTE = ("http://", "https://", "git://", "ssh://", "git@", "github.com/", "oci://", "oci:")
_MOST_TAGS = 1_000
_MOST_NODES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """What holds for a compose file: the folder its paths are relative to, and the variables it knows."""

    folder: str
    environment: Mapping[str, str]


@dataclass(slots=True)
class Reader:
    """Parses files once in a run, whoever asks for them."""

    tree: Tree
    parsed: dict[str, Source | EnvgenError | None] = field(default_factory=dict)

    def source(self, path: str) -> Source | EnvgenError | None:
        """The file at a path; None where there is none, the error where it can't be read."""
        if path not in self.parsed:
            text = self.tree.text(path)
            try:
                self.parsed[path] = None if text is None else parse(text, path)
            except EnvgenError as error:
                self.parsed[path] = error
        return self.parsed[path]

    def hold(self, source: Source) -> None:
        """Take a file that is parsed already."""
        self.parsed[source.path] = source


def is_remote(path: str) -> bool:
    """Whether compose would fetch this from somewhere."""
    return path.startswith(_REMOTE) or ".git#" in path


def replaced_routes(source: Source) -> tuple[Route, ...]:
    """Where a file says `!reset` or `!override`: what earlier files have there is dropped."""
    if RESET not in source.text and OVERRIDE not in source.text:
        return ()
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    try:
        root = yaml.compose(source.text, loader)
    except (yaml.YAMLError, RecursionError):
        return ()
    found: list[Route] = []
    waiting: list[tuple[yaml.Node | None, Route]] = [(root, ())]
    visits = 0
    while waiting and visits < _MOST_NODES and len(found) < _MOST_TAGS:
        visits += 1
        node, route = waiting.pop()
        if node is None:
            continue
        if node.tag in {RESET, OVERRIDE}:
            found.append(route)
        elif isinstance(node, yaml.MappingNode):
            waiting += [
                (value, route if key.value == "<<" else (*route, str(key.value)))
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            ]
    return tuple(found)
