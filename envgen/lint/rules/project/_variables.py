"""The variables that compose files take from `.env`, and the example files that list them."""

from collections.abc import Iterator
from dataclasses import dataclass

from envgen import interpolation
from envgen.interpolation import Interpolated, Interpolation
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rules.project._around import template_of
from envgen.lint.rules.project._env_files import Entry, entries
from envgen.lint.rules.project._settings import files_of
from envgen.source import Data, Route, Source

_EXAMPLES = (".env.example", ".env.sample", ".env.dist", ".env.template", "example.env", "env.example", ".env-example")
_COMPOSE_OWN = ("COMPOSE_", "DOCKER_", "BUILDKIT_", "BUILDX_", "CI_", "GITHUB_")
_SHELL = frozenset(
    {"HOME", "USER", "PWD", "UID", "GID", "PATH", "HOSTNAME", "SHELL", "LANG", "TZ", "DISPLAY", "TMPDIR"}
) | {"USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "COMPUTERNAME", "TEMP", "TMP"}


@dataclass(frozen=True, slots=True)
class Use:
    """A variable in a compose file; `has_default` also where an alternative is written (`${A:+b}`)."""

    name: str
    place: Place
    has_default: bool


def is_from_elsewhere(name: str) -> bool:
    """Whether a variable is compose's own, or one that every shell or CI system has."""
    return name.startswith(_COMPOSE_OWN) or name in _SHELL


def uses(source: Source) -> Iterator[Use]:
    """The variables of a compose file, with those inside of others' defaults, in order."""
    for route, text in _texts(source.data):
        for part in _parts(text):
            place = Place(*source.place(route), file=source.path)
            yield Use(part.name, place, has_default=part.operator in {":-", "-", ":+", "+"})


def examples(project: Project) -> tuple[str, ...]:
    """The paths of the example files beside the compose file."""
    if project.compose is None:
        return ()
    names = project.tree.names(project.folder)
    return tuple(project.tree.join(project.folder, name) for name in _EXAMPLES if name in names)


def pairs(project: Project) -> Iterator[tuple[str, str]]:
    """Files of variables and the examples that they are copied from: `.env`, and the services' `env_file`s."""
    own = project.tree.join(project.folder, ".env")
    known = [(own, example) for example in examples(project)]
    for service in project.compose.services.values() if project.compose else ():
        for path, text in files_of(project, service).items():
            example = template_of(project.tree, path) if text is not None and path != own else None
            if example is not None and (path, example) not in known:
                known.append((path, example))
    yield from known


def keys(project: Project, path: str) -> dict[str, Entry]:
    """The variables of a file by name; none where it can't be read."""
    text = project.tree.text(path)
    return {entry.name: entry for entry in entries(text, path)} if text else {}


def _texts(data: Data, route: Route = ()) -> Iterator[tuple[Route, str]]:
    left: list[tuple[Route, Data]] = [(route, data)]
    seen: set[int] = set()
    while left:
        at, value = left.pop()
        if isinstance(value, str):
            if "$" in value:
                yield at, value
        elif isinstance(value, dict | list) and id(value) not in seen:
            seen.add(id(value))
            items = value.items() if isinstance(value, dict) else enumerate(value)
            left += reversed([((*at, key), item) for key, item in items])


def _parts(text: str) -> Iterator[Interpolation]:
    try:
        parsed = interpolation.parse(text)
    except interpolation.InterpolationError:
        return
    if isinstance(parsed, Interpolated):
        yield from parsed.interpolations
