"""What the files of a Python project say: its package manager, its requirements files, and whether it is a package.

Sources: https://packaging.python.org/en/latest/specifications/pyproject-toml/, the documentation of the build backends
on what they take where nothing is configured, and uv's on workspaces. Read 2026-11-24.
"""

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from envgen.runtimes.language import Request

REQUIREMENTS = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt")
DEV_REQUIREMENTS = (
    "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/development.txt",
    "requirements/dev.txt", "requirements/local.txt", "requirements-test.txt", "requirements/test.txt",
)  # fmt: skip
# globs of requirements files whose absence is known, because they are always looked for
_LOOKED_FOR = ("*.txt", "requirements/*.txt")
_INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[ =]?\s*[\"']?([^\s\"']+)", re.MULTILINE)
_LOCAL = re.compile(r"^\s*(?:-e\s+|--editable[ =]\s*)?(?:\.{1,2}(?:/|\s|\[|$)|file:)", re.MULTILINE)
_NAMED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
# build requirement: the variable that tells the version where there is no repository to read it from
_VERSION_FROM_GIT = {
    "setuptools-scm": "SETUPTOOLS_SCM_PRETEND_VERSION",
    "hatch-vcs": "SETUPTOOLS_SCM_PRETEND_VERSION",
    "flit-scm": "SETUPTOOLS_SCM_PRETEND_VERSION",
    "uv-dynamic-versioning": "UV_DYNAMIC_VERSIONING_BYPASS",
    "poetry-dynamic-versioning": "POETRY_DYNAMIC_VERSIONING_BYPASS",
}
# folders that setuptools takes for no package of the project
_NO_PACKAGES = frozenset(
    {"tests", "test", "docs", "doc", "examples", "example", "scripts", "tools", "build", "dist", "bin", "benchmarks"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a uv workspace: its folder ("." for the root), its name, what it needs, and if it is a package."""

    folder: str
    name: str
    needs: frozenset[str]
    package: bool


def normal(name: str) -> str:
    """A project's name as packaging tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pyproject(files: Mapping[str, str | None] | None, folder: str = ".") -> dict[str, Any]:
    """The pyproject.toml of a folder; nothing where there is none that can be read."""
    path = posixpath.normpath(posixpath.join(folder, "pyproject.toml"))
    try:
        return tomllib.loads((files or {}).get(path) or "")
    except tomllib.TOMLDecodeError:
        return {}


def table(data: object, *keys: str) -> dict[str, Any]:
    """A table within a table; empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def texts(data: object) -> tuple[str, ...]:
    """The strings of a list; none where it is no list."""
    return tuple(one for one in data if isinstance(one, str)) if isinstance(data, list) else ()


def declared_manager(files: Mapping[str, str | None]) -> str:
    """The package manager that manifests name where there is no lock file; "" for none."""
    present = {name for name, text in files.items() if text is not None}
    if present & {"uv.lock", "poetry.lock", "Pipfile.lock", *REQUIREMENTS}:
        return ""
    tools = table(pyproject(files), "tool")
    named = "uv" if "uv" in tools else "poetry" if "dependencies" in table(tools, "poetry") else ""
    return named or ("pipenv" if "Pipfile" in present else "")


def words(request: Request, option: str) -> tuple[str, ...]:
    """A list that the user wrote under `build.options`."""
    written = request.options.get(option)
    return tuple(map(str, written)) if isinstance(written, list) else ()


def requirements(request: Request) -> tuple[str, ...]:
    """The requirements files of production."""
    return words(request, "requirements") or next(((name,) for name in REQUIREMENTS if request.has(name)), ())


def development(request: Request) -> tuple[str, ...]:
    """The requirements files of development."""
    return words(request, "dev_requirements") or next(((name,) for name in DEV_REQUIREMENTS if request.has(name)), ())


def with_includes(request: Request, files: tuple[str, ...]) -> tuple[str, ...]:
    """Requirements files, and those that they include; the whole context where one installs what lies in it."""
    found = dict(_walk(request, files))
    if any(_LOCAL.search(request.text(name)) for name in found):
        return (".",)
    return tuple(name for name in found if not name.startswith(("/", "..")))


def missing_includes(request: Request, files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Requirements files that can't be there in a build: each with the file that includes it ("" for none)."""
    for name, origin in _walk(request, files):
        outside = name.startswith(("/", ".."))
        looked_for = any(fnmatchcase(name, glob) and name.count("/") == glob.count("/") for glob in _LOOKED_FOR)
        if outside or (request.files is not None and looked_for and not request.has(name)):
            yield name, origin


def _walk(request: Request, files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """All files, each with the one that includes it."""
    seen: set[str] = set()
    waiting = [(posixpath.normpath(file), "") for file in files]
    while waiting:
        name, origin = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield name, origin
        folder = posixpath.dirname(name)
        included = [other for other in _INCLUDE.findall(request.text(name)) if "://" not in other]
        waiting += [(posixpath.normpath(posixpath.join(folder, other)), name) for other in included]


def direct(request: Request) -> dict[str, str]:
    """The dependencies of production that a project names itself: name, and the file that names it.

    `psycopg[c]` is `psycopg-c`, as it depends on that.
    """
    found: dict[str, str] = {}
    project = pyproject(request.files)
    if request.manager == "pip" and requirements(request):
        for file, _ in _walk(request, requirements(request)):
            lines = request.text(file).splitlines()
            found |= dict.fromkeys(_names(lines), file)
    elif request.manager == "pipenv":
        try:
            packages = table(tomllib.loads(request.text("Pipfile")), "packages")
        except tomllib.TOMLDecodeError:
            packages = {}
        found |= dict.fromkeys(map(normal, packages), "Pipfile")
    else:
        found |= dict.fromkeys(_names(texts(table(project, "project").get("dependencies"))), "pyproject.toml")
        for name, written in table(project, "tool", "poetry", "dependencies").items():
            if not (isinstance(written, dict) and written.get("optional")):
                found[normal(name)] = "pyproject.toml"
    return found


def _names(lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    for line in lines:
        # a condition may not hold here, so nothing is said of what has one
        if (match := _NAMED.match(line)) and ";" not in line:
            yield normal(match[1])
            if match[2]:
                yield from (f"{normal(match[1])}-{normal(extra.strip())}" for extra in match[2].split(","))


def from_git(request: Request) -> bool:
    """Whether something is installed from a Git repository."""
    names = ("pyproject.toml", "Pipfile", *(file for file, _ in _walk(request, requirements(request))))
    return any("git+" in request.text(name) or re.search(r"\bgit\s*=\s*[\"']", request.text(name)) for name in names)


def is_package(request: Request) -> bool:
    """Whether the project is to be installed itself: it says how it is built, and there is something to build.

    A `[build-system]` alone says little: many apps have one from a template, and are run from their sources.
    """
    if isinstance(wanted := request.options.get("package"), bool):
        return wanted
    project = pyproject(request.files)
    if request.manager == "pipenv" or "build-system" not in project:
        return False
    if request.manager == "pip" and requirements(request):
        local = with_includes(request, requirements(request)) == (".",)
        return not local and bool(request.matching("src/*/__init__.py"))
    uv, poetry = table(project, "tool", "uv"), table(project, "tool", "poetry")
    return uv.get("package", poetry.get("package-mode", True)) is not False and _has_modules(request, project)


def _has_modules(request: Request, project: dict[str, Any]) -> bool:
    """Whether a build backend finds what it should build."""
    backend = _backend(project)
    tools = table(project, "tool")
    configured = {
        "poetry": table(tools, "poetry").get("packages"),
        "hatchling": table(tools, "hatch", "build"),
        "flit": table(tools, "flit", "module"),
        "uv_build": table(tools, "uv", "build-backend"),
        "setuptools": table(tools, "setuptools") or request.has("setup.py") or request.has("setup.cfg"),
    }
    known = next((tool for tool in configured if backend.startswith(tool)), None)
    if known is None or configured[known]:
        return True
    at_root = {path.partition("/")[0] for path in request.matching("*/__init__.py") if path.count("/") == 1}
    in_src = {path.split("/")[1] for path in request.matching("src/*/__init__.py")}
    if known == "setuptools":
        return bool(in_src) or len(at_root - _NO_PACKAGES) == 1
    name = table(project, "project").get("name") or table(tools, "poetry").get("name") or ""
    return normal(str(name)).replace("-", "_") in {module.lower() for module in at_root | in_src}


def _backend(project: dict[str, Any]) -> str:
    return str(table(project, "build-system").get("build-backend", "setuptools"))


def is_built_by_setuptools(request: Request) -> bool:
    """Whether the project's build backend is setuptools, which is so where none is named."""
    return _backend(pyproject(request.files)).startswith("setuptools")


def version_variable(request: Request) -> str:
    """The variable that tells a build the version that it would read from a Git repository; "" where it does not."""
    project = pyproject(request.files)
    named = set(_names(texts(table(project, "build-system").get("requires"))))
    if table(project, "tool", "pdm", "version").get("source") == "scm":
        return "PDM_BUILD_SCM_VERSION"
    return next((variable for name, variable in _VERSION_FROM_GIT.items() if name in named), "")


def has_local_sources(request: Request) -> bool:
    """Whether dependencies lie in the context itself, beside a workspace's members."""
    project = pyproject(request.files)
    sources = [*table(project, "tool", "uv", "sources").values()]
    sources += table(project, "tool", "poetry", "dependencies").values()
    for group in table(project, "tool", "poetry", "group").values():
        sources += table(group, "dependencies").values()
    return any(isinstance(one, dict) and "path" in one for one in sources)


def workspace(request: Request) -> tuple[Member, ...]:
    """The members of a uv workspace with its root, where that is a project; none where there is no workspace."""
    root = pyproject(request.files)
    settings = table(root, "tool", "uv", "workspace")
    if not settings:
        return ()
    inside, outside = texts(settings.get("members")), texts(settings.get("exclude"))
    folders = ["."] if "project" in root else []
    for path in request.matching("*/pyproject.toml"):
        folder = posixpath.dirname(path)
        if _matches(folder, inside) and not _matches(folder, outside):
            folders.append(folder)
    return tuple(_member(request, folder) for folder in folders)


def _matches(folder: str, globs: tuple[str, ...]) -> bool:
    """Whether a folder matches a glob, whose `*` crosses no `/`."""
    parts = folder.split("/")
    return any(
        len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))
        for wanted in (posixpath.normpath(glob).split("/") for glob in globs)
    )


def _member(request: Request, folder: str) -> Member:
    data = pyproject(request.files, folder)
    project = table(data, "project")
    wanted = table(data, "tool", "uv").get("package", "build-system" in data)
    return Member(
        folder=folder,
        name=normal(str(project.get("name", ""))),
        needs=frozenset(_names(texts(project.get("dependencies")))),
        package=wanted is not False,
    )


def chosen(request: Request) -> Member | None:
    """The member that `build.app` names, by folder or by name; None where there is none."""
    if request.app is None:
        return None
    folder = posixpath.normpath(request.app)
    members = workspace(request)
    return next((one for one in members if one.folder == folder or one.name == normal(request.app)), None)


def needed(request: Request) -> tuple[Member, ...]:
    """The members that an image needs: the app, or the root, with those it depends on; all where the root is none."""
    members = workspace(request)
    start = chosen(request) or next((one for one in members if one.folder == "."), None)
    if start is None:
        return members
    by_name = {one.name: one for one in members}
    found, waiting = {start.name}, [start]
    while waiting:
        for name in waiting.pop().needs & by_name.keys() - found:
            found.add(name)
            waiting.append(by_name[name])
    return tuple(one for one in members if one.name in found)
