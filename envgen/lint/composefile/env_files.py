"""The env files and label files that services name: those that are not there, and those that compose can't read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envgen import dotenv
from envgen.lint.composefile import variables
from envgen.lint.composefile.model import Compose, Issue, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.place import Place
from envgen.lint.tree import Tree
from envgen.source import Route

_DECLARED = re.compile(r"^[ \t]*#?[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_EXAMPLE = re.compile(
    r"(?:.*[._-])?(?:example|sample|template|dist|default|defaults|tpl|tmpl)(?:[._-].*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Named:
    """A file that a service names."""

    what: str
    path: str
    route: Route
    is_raw: bool = False
    is_required: bool = True


def issues(compose: Compose, tree: Tree) -> Iterator[Issue]:
    """What compose refuses about the files that enabled services name."""
    for service in compose.enabled.values():
        if "env_file" in service.data or "label_file" in service.data:
            for named in (*_env_files(service), *_label_files(service)):
                yield from _file(service, named, tree)


def example_variables(folder: str, tree: Tree) -> frozenset[str]:
    """The variables that an example of an env file in a folder declares, if only in a comment."""
    found: set[str] = set()
    for name in tree.names(folder):
        if "env" in name.lower() and _EXAMPLE.fullmatch(name):
            found.update(_DECLARED.findall(tree.text(tree.join(folder, name)) or ""))
    return frozenset(found)


def _env_files(service: Service) -> Iterator[_Named]:
    value = service.data.get("env_file")
    if isinstance(value, str):
        yield _Named("env", value, ("env_file",))
    for index, item in enumerate(listed(value)):
        if isinstance(item, str):
            yield _Named("env", item, ("env_file", index))
        elif isinstance(path := mapped(item).get("path"), str):
            entry = mapped(item)
            is_required = (text_of(entry.get("required")) or "true").lower() != "false"
            yield _Named("env", path, ("env_file", index, "path"), entry.get("format") == "raw", is_required)


def _label_files(service: Service) -> Iterator[_Named]:
    value = service.data.get("label_file")
    if isinstance(value, str):
        yield _Named("label", value, ("label_file",))
    for index, item in enumerate(listed(value)):
        if isinstance(item, str):
            yield _Named("label", item, ("label_file", index))


def _file(service: Service, named: _Named, tree: Tree) -> Iterator[Issue]:
    compose, written = service.compose, named.path
    if written in ("/dev/null", "/dev/stdin"):
        return
    path = tree.join(compose.folder("services", service.name, *named.route), written) if written else ""
    text = tree.text(path) if path else None
    place = service.place(*named.route)
    if not path or not tree.exists(path):
        if named.is_required:
            hint = "compose refuses the project without it; an env file may also be marked with `required: false`"
            message = f"the {named.what} file `{written}` of `{service.name}` is not there"
            yield Issue("env-file-missing", place, message, hint if named.what == "env" else None)
    elif tree.is_folder(path):
        yield Issue("env-file-missing", place, f"the {named.what} file `{written}` of `{service.name}` is a folder")
    elif text is not None and not named.is_raw:
        known = {**variables.AMBIENT, **compose.environment}
        try:
            dotenv.parse(text, known.get)
        except dotenv.DotenvError as error:
            message = f"compose can't read this line: {error.reason}"
            yield Issue("env-file-syntax", Place(error.line, file=path), message)
