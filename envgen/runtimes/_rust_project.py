"""What Cargo.toml says of a context's packages: which there are, what they build, and what reading them needs.

Source: https://doc.rust-lang.org/cargo/reference/ (manifest, workspaces, cargo-targets). Read 2026-11-24.
"""

import posixpath
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from envgen.runtimes.language import Request

SOURCES = ("**/main.rs", "src/bin/*.rs", "*/src/bin/*.rs", "*/*/src/bin/*.rs")
CONFIGS = (".cargo/config.toml", ".cargo/config")
_KINDS = ("dependencies", "dev-dependencies", "build-dependencies")
_OTHER_TARGETS = {"test": "tests", "bench": "benches", "example": "examples"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package of the context: its folder, its name, and the binaries that it is known to have."""

    folder: str
    name: str
    binaries: tuple[str, ...]
    default: str | None = None  # the binary that `cargo run` takes


def manifest(request: Request, folder: str) -> dict[str, Any]:
    """The Cargo.toml of a folder; empty where there is none, or no valid one."""
    return _read(request.text(_in(folder, "Cargo.toml")))


def config(request: Request) -> dict[str, Any]:
    """What the project configures of cargo."""
    return _read(next((request.text(name) for name in CONFIGS if request.has(name)), ""))


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _in(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def folders(request: Request) -> tuple[str, ...]:
    """The folders of all packages that cargo reads: the root, the workspace's members, and what is used by path.

    One that starts with `..` lies outside of the context.
    """
    found: dict[str, None] = {}
    waiting = [".", *_members(request)]
    while waiting:
        folder = waiting.pop(0)
        if folder not in found:
            found[folder] = None
            waiting += [] if folder.startswith("..") else list(_paths(manifest(request, folder), folder))
    return tuple(found)


def _members(request: Request) -> Iterator[str]:
    workspace = _map(manifest(request, ".").get("workspace"))
    excluded = [posixpath.normpath(str(path)) for path in _list(workspace.get("exclude"))]
    known = [posixpath.dirname(path) for path in request.matching("*/Cargo.toml")]
    for pattern in map(posixpath.normpath, map(str, _list(workspace.get("members")))):
        if not set("*?[") & set(pattern):
            yield pattern
        else:
            same = (folder for folder in known if folder.count("/") == pattern.count("/"))
            yield from (folder for folder in same if fnmatchcase(folder, pattern) and folder not in excluded)


def _paths(written: Mapping[str, Any], folder: str) -> Iterator[str]:
    """The folders of the dependencies that a manifest takes from a path."""
    tables = [written, _map(written.get("workspace")), *map(_map, _map(written.get("target")).values())]
    used = [_map(table.get(kind)) for table in tables for kind in _KINDS]
    used += [_map(patched) for patched in _map(written.get("patch")).values()]
    for dependencies in used:
        for wanted in map(_map, dependencies.values()):
            if isinstance(path := wanted.get("path"), str):
                yield posixpath.normpath(posixpath.join(folder, path))


def packages(request: Request) -> list[Package]:
    """The packages of the context."""
    found: list[Package] = []
    for folder in folders(request):
        written = manifest(request, folder)
        about = _map(written.get("package"))
        name = about.get("name")
        if isinstance(name, str):
            named = [_map(one) for one in _list(written.get("bin"))]
            names = [str(one.get("name", name)) for one in named]
            if about.get("autobins") is not False:
                taken = {one.get("path") for one in named}
                names += [found for path, found in _sources(request, folder, name) if path not in taken]
            default = about.get("default-run")
            found.append(
                Package(
                    folder=folder,
                    name=name,
                    binaries=tuple(dict.fromkeys(names)),
                    default=default if isinstance(default, str) else None,
                )
            )
    return found


def _sources(request: Request, folder: str, name: str) -> Iterator[tuple[str, str]]:
    """The source files that cargo takes for binaries by itself, relative to their package, and the binaries' names."""
    if request.has(_in(folder, "src/main.rs")):
        yield "src/main.rs", name
    below = _in(folder, "src/bin") + "/"
    for path in request.matching(f"{below}*.rs"):
        inside = path.removeprefix(below)
        parts = inside.removesuffix(".rs").split("/")
        if len(parts) == 1 or (len(parts) == 2 and parts[1] == "main"):  # noqa: PLR2004 - a file, or main.rs in a folder
            yield f"src/bin/{inside}", parts[0]


def candidates(request: Request) -> list[tuple[Package, str]]:
    """The binaries that may be meant: of `app` where it names one, a package or its folder; else the likeliest."""
    every = packages(request)
    if request.app is not None:
        folder = posixpath.normpath(request.app)
        named = [(one, request.app) for one in every if request.app in one.binaries]
        return named or [pair for one in every if one.name == request.app or one.folder == folder for pair in _of(one)]
    root = [pair for one in every if one.folder == "." for pair in _of(one)]
    return root or [pair for one in every for pair in _of(one)]


def _of(package: Package) -> list[tuple[Package, str]]:
    return [(package, package.default)] if package.default else [(package, name) for name in package.binaries]


def chosen(request: Request) -> tuple[str | None, str]:
    """The package (None: cargo finds it) and the binary that are built."""
    found = candidates(request)
    if found:
        package, binary = found[0]
        return (package.name if package.folder != "." else None), binary
    if request.app is not None:
        return None, posixpath.basename(posixpath.normpath(request.app))
    root = _map(manifest(request, ".").get("package")).get("name")
    return None, root if isinstance(root, str) else "app"


def stubs(request: Request) -> tuple[str, ...]:
    """The source files that cargo wants to be there when it reads the manifests, before the sources are."""
    found: dict[str, None] = {}
    for folder in folders(request):
        written = manifest(request, folder)
        if written and "package" not in written:  # a workspace alone
            continue
        about = _map(written.get("package"))
        if "path" not in _map(written.get("lib")):
            found[_in(folder, "src/lib.rs")] = None
        wanted = [one.get("name") for one in map(_map, _list(written.get("bin"))) if "path" not in one]
        for name in (*wanted, about.get("default-run")):
            if isinstance(name, str):
                main = name == about.get("name")
                found[_in(folder, "src/main.rs" if main else f"src/bin/{name}.rs")] = None
        for kind, below in _OTHER_TARGETS.items():
            for one in map(_map, _list(written.get(kind))):
                if "path" not in one and isinstance(one.get("name"), str):
                    found[_in(folder, f"{below}/{one['name']}.rs")] = None
    return tuple(path for path in found if not path.startswith(".."))
