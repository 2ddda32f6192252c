"""What the build of a Python project would trip over."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from envgen.runtimes import _python_project as project
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Request, Trouble

_MAJOR = 3  # of Python; what is compared is the minor version
_TOMLLIB_SINCE = 11
_CLAUSE = re.compile(r"(\^|~=|~|===?|!=|<=?|>=?)?\s*(\d+)(?:\.(\d+|\*))?(?:\.(\d+|\*))?")
_NATIVE: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
    files(__package__).joinpath("python.toml").read_text(encoding="utf-8")
)["native"]
_LOCKS = {
    "uv": ("pyproject.toml", "uv.lock", "run `uv lock`"),
    "poetry": ("pyproject.toml", "poetry.lock", "run `poetry lock`"),
    "pipenv": ("Pipfile", "Pipfile.lock", "run `pipenv lock`"),
}
# what is there in place of a requirements file, and what to do about it
_OTHERS = {
    "pdm.lock": "run `pdm export --prod --output requirements.txt`, and commit what it writes",
    "environment.yml": "Conda's packages need an image of its own: take `language: generic` with your image, or list"
    " what is on PyPI in a requirements.txt",
    "environment.yaml": "Conda's packages need an image of its own: take `language: generic` with your image, or list"
    " what is on PyPI in a requirements.txt",
    "pylock.toml": "run `uv pip compile --generate-hashes pyproject.toml --output-file requirements.txt`",
    "requirements.in": "run `pip-compile --generate-hashes requirements.in`, and commit requirements.txt",
    "setup.py": "run `pip-compile setup.py`, and commit the requirements.txt that it writes",
}


def check(request: Request) -> Iterable[Trouble]:
    """What is missing, doesn't fit the image, or can't be built in it, with what to do."""
    if request.manager in _LOCKS:
        *names, hint = _LOCKS[request.manager]
        for name in names:
            if not request.has(name):
                yield Trouble(file=name, message=f"the file is not there, and {request.manager} needs it", hint=hint)
    elif not project.requirements(request):
        yield from _declared(request)
    yield from _broken(request)
    if request.manager == "pip":
        yield from _includes(request)
    yield from _app(request)
    yield from _versions(request)
    yield from _native(request)


def _declared(request: Request) -> Iterator[Trouble]:
    """Without a requirements file, pip takes what pyproject.toml declares."""
    data = project.table(project.pyproject(request.files), "project")
    other = next((name for name in _OTHERS if request.has(name)), "")
    if other and "dependencies" not in data:
        message = "the file is not there, and pip needs it"
        yield Trouble(file="requirements.txt", message=f"{message} (there is {other})", hint=_OTHERS[other])
    elif not data:
        hint = "write one (`pip freeze` makes a start), name others in `options: {requirements: [...]}`, or take uv"
        yield Trouble(file="requirements.txt", message="the file is not there, and pip needs it", hint=hint)
    elif "dependencies" in project.texts(data.get("dynamic")):
        message = "its dependencies are dynamic: only a build of the project knows them"
        hint = "run `pip-compile pyproject.toml`, and commit the requirements.txt that it writes"
        yield Trouble(file="pyproject.toml", message=message, hint=hint)
    elif _minor(request) < _TOMLLIB_SINCE:
        message = f"pip of Python {request.release.major} can't read what it declares"
        hint = "write a requirements.txt, or use Python 3.11 or newer"
        yield Trouble(file="pyproject.toml", message=message, hint=hint)


def _broken(request: Request) -> Iterator[Trouble]:
    for name in ("pyproject.toml", "Pipfile"):
        try:
            tomllib.loads(request.text(name))
        except tomllib.TOMLDecodeError as error:
            hint = "correct it: all tools read it"
            yield Trouble(file=name, message=f"it can't be read: {error}", hint=hint)


def _includes(request: Request) -> Iterator[Trouble]:
    for name, origin in project.missing_includes(request, project.requirements(request)):
        by = f", and {origin} includes it" if origin else ""
        if name.startswith(("/", "..")):
            message, hint = f"it lies outside of the build context{by}", "take a folder above as `build.context`"
        else:
            message, hint = f"the file is not there{by}", "add the file, or correct its name"
        yield Trouble(file=name, message=message, hint=hint)


def _app(request: Request) -> Iterator[Trouble]:
    if request.app is None or request.files is None or project.chosen(request):
        return
    names = ", ".join(member.name for member in project.workspace(request))
    if request.manager != "uv" or not names:
        message = f"`app: {request.app}` names a member of a uv workspace, and here is none"
        hint = "take the app's own folder as `build.context`, or make the projects a uv workspace"
    else:
        message, hint = f"the workspace has no member `{request.app}`", f"there is {names}"
    yield Trouble(file="pyproject.toml", message=message, hint=hint)


def _versions(request: Request) -> Iterator[Trouble]:
    """What a manifest demands of Python itself; a package manager refuses any other."""
    data = project.pyproject(request.files)
    written: list[tuple[str, str, Any]] = [
        ("pyproject.toml", "requires-python", project.table(data, "project").get("requires-python")),
        ("pyproject.toml", "python", project.table(data, "tool", "poetry", "dependencies").get("python")),
    ]
    if request.manager == "pipenv":
        try:
            requires = project.table(tomllib.loads(request.text("Pipfile")), "requires")
        except tomllib.TOMLDecodeError:
            requires = {}
        version = requires.get("python_full_version", requires.get("python_version"))
        written.append(("Pipfile", "python_version", version))
    for file, key, wanted in written:
        if isinstance(wanted, str) and not fits(wanted, _minor(request)):
            message = f"{key} is {wanted}, and the image has {request.release.major}"
            yield Trouble(file=file, message=message, hint=f"use a version that fits, or change {key}")


def fits(specifier: str, minor: int) -> bool:
    """Whether some release of Python 3.`minor` is what a specifier wants, in the form of PEP 440 or of Poetry."""
    return any(
        all(_holds(clause, minor) for clause in re.split(r"[,\s]+(?=[\^~=!<>])", part.strip()) if clause)
        for part in specifier.split("||")
    )


def _holds(clause: str, minor: int) -> bool:
    found = _CLAUSE.fullmatch(clause.strip().rstrip(","))
    if found is None:
        return True  # nothing that is known, so nothing is said
    operator, major, wanted, patch = found.groups()
    if wanted is None or wanted == "*" or int(major) != _MAJOR:
        return _any_of_major(operator, int(major))
    other, exact = int(wanted), patch not in (None, "*")
    return {
        ">=": minor >= other,
        ">": minor >= other,
        "<": minor < other or (minor == other and exact and int(patch) > 0),
        "<=": minor <= other,
        "!=": minor != other or patch is None or exact,
        "^": minor >= other,
        "~=": minor == other if patch is not None else minor >= other,
    }.get(operator, minor == other)


def _any_of_major(operator: str | None, major: int) -> bool:
    known = {">=": major <= _MAJOR, ">": major < _MAJOR, "<": major > _MAJOR, "<=": major >= _MAJOR}
    return known.get(operator or "", (major == _MAJOR) != (operator == "!="))


def _native(request: Request) -> Iterator[Trouble]:
    """Dependencies that are compiled, in an image that has no compiler."""
    slim = any(word in request.variant for word in ("slim", "alpine"))
    if not slim or request.image is not None or request.installs:
        return
    distro = Distro.of_variant(request.variant).name
    for name, file in project.direct(request).items():
        facts = _NATIVE.get(name, {})
        build, run = facts.get(f"{distro}_build", []), facts.get(f"{distro}_run", [])
        if not build or set(build) & set(request.packages):
            continue
        instead = f", or take {facts['instead'][0]}" if "instead" in facts else ""
        added = f" and `packages: [{', '.join(run)}]`" if run else ""
        hint = f"write `build_packages: [{', '.join(build)}]`{added}{instead}"
        message = f"{name} is compiled while it is installed, and python:{request.version}-{request.variant} can't"
        yield Trouble(file=file, message=message, hint=hint)


def _minor(request: Request) -> int:
    return int(request.release.major.split(".")[1])
