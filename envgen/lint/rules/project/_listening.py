"""Where a program's source, or its server's configuration, says that it listens on the loopback address only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import normpath

from envgen.lint.composefile import Service
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project
from envgen.lint.rules.project._loopback import last_command
from envgen.lint.rules.project._ports import declared

_ADDRESS = r"(?P<address>127\.0\.0\.1|localhost)"
_NODE = re.compile(rf"\.listen\(\s*(?P<port>[^(),]{{1,80}}),\s*[\"']{_ADDRESS}[\"']")
_PYTHON = re.compile(rf"\.run\([^()]{{0,200}}?\bhost\s*=\s*[\"']{_ADDRESS}[\"'](?P<port>[^()]{{0,200}})")
_FLASK = re.compile(r"\bapp\.run\((?P<port>[^()]{0,200})\)")
_GO = re.compile(rf"(?:ListenAndServe(?:TLS)?|net\.Listen)\((?:\"tcp\",\s*)?\"{_ADDRESS}:(?P<port>\d+)\"")
_SPRING = re.compile(rf"^server\.address\s*[=:]\s*{_ADDRESS}(?P<port>)\s*$", re.MULTILINE)
_NGINX = re.compile(rf"^\s*listen\s+{_ADDRESS}:(?P<port>\d+)", re.MULTILINE)
_NUMBER = re.compile(r"\d{2,5}")
_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class Listening:
    """A place that binds a server to an address."""

    place: Place
    address: str
    by_default: bool = False


def in_sources(
    project: Project, link: BuildLink, service: Service | None, words: tuple[str, ...]
) -> Iterator[Listening]:
    """What the file that a command starts says; for Go, the files that have a `main`; for Spring, its properties."""
    ports = declared(service) if service else set()
    for path, patterns in _files(project, link, words):
        text = project.tree.text(path)
        if text is None or len(text) > _LARGEST:
            continue
        for pattern in patterns:
            if pattern is _FLASK and ("Flask(" not in text or "host" in text):
                continue
            yield from _found(pattern, text, path, ports)


def in_mounts(project: Project, service: Service) -> Iterator[Listening]:
    """What the nginx configurations that are mounted into a service say."""
    ports = declared(service)
    for mount in service.mounts:
        if mount.type != "bind" or not mount.target.startswith("/etc/nginx/") or "$" in mount.source:
            continue
        folder = service.compose.folder("services", service.name, *mount.route)
        path = project.tree.join(folder, mount.source)
        text = project.tree.text(path)
        if text is None or len(text) > _LARGEST:
            continue
        for one in _found(_NGINX, text, path, ports):
            port = _NUMBER.findall(text.split("\n")[one.place.line - 1])[-1]
            if not re.search(rf"^\s*listen\s+(?:\[::\]:|0\.0\.0\.0:|\*:)?{port}\b", text, re.MULTILINE):
                yield one


def _found(pattern: re.Pattern[str], text: str, path: str, ports: set[int]) -> Iterator[Listening]:
    for match in pattern.finditer(text):
        begin = text.rfind("\n", 0, match.start()) + 1
        if text[begin : match.start()].lstrip().startswith(("//", "#", "*", "--")):
            continue
        number = _NUMBER.search(match["port"])
        if number and ports and int(number[0]) not in ports:
            continue
        by_default = "address" not in pattern.groupindex
        start = match.start() if by_default else match.start("address")
        width = len("app.run") if by_default else len(match["address"])
        line = text.count("\n", 0, start) + 1
        place = Place(line, start - (text.rfind("\n", 0, start) + 1) + 1, width, path)
        yield Listening(place, "127.0.0.1" if by_default else match["address"], by_default)


def _files(
    project: Project, link: BuildLink, words: tuple[str, ...]
) -> Iterator[tuple[str, tuple[re.Pattern[str], ...]]]:
    if link.context is None or not link.has_context or link.parsed is None:
        return
    tree, context = project.tree, link.context
    command = last_command(words)
    names = [word for word in command[:3] if word.endswith((".js", ".mjs", ".cjs", ".py"))]
    for name in names[:1]:
        there = (tree.join(context, one) for one in _in_context(link, name))
        found = next((path for path in there if tree.is_file(path)), None)
        if found is not None:
            yield found, (_PYTHON, _FLASK) if name.endswith(".py") else (_NODE,)
    text = link.parsed.text
    if "go build" in text or "go install" in text:
        for path in ("main.go", *(f"cmd/{one}/main.go" for one in tree.names(tree.join(context, "cmd"))[:20])):
            yield tree.join(context, path), (_GO,)
    if words[:1] == ("java",):
        yield tree.join(context, "src/main/resources/application.properties"), (_SPRING,)


def _in_context(link: BuildLink, name: str) -> Iterator[str]:
    """Where in the context a file may lie that a command names, by where the image's COPYs put it."""
    last = link.lineage[-1] if link.lineage else None
    target = last.absolute(name) if last else None
    if target is None:
        if not name.startswith("/"):
            yield normpath(name)
        return
    for one in link.copies:
        place = (one.target or "").rstrip("/")
        if one.path is None or one.target is None or one.has_glob:
            continue
        if target == place or (one.path.rpartition("/")[2] and target == f"{place}/{one.path.rpartition('/')[2]}"):
            yield one.path
        if target.startswith(f"{place}/"):
            yield normpath(f"{one.path}/{target[len(place) + 1 :]}")
