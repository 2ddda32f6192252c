"""What go.mod, go.work and the main packages of a context say.

Source: https://go.dev/ref/mod (grammar of go.mod and go.work; `replace` counts in main modules alone). Read 2026-11-24.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from envgen.runtimes.language import Request

MAIN_FILES = ("*.go", "**/main.go")
_COMMENT = re.compile(r"//.*")
_PACKAGE_MAIN = re.compile(r"^package\s+main\b", re.MULTILINE)
_NOT_BUILT = re.compile(r"^//\s*(?:go:build|\+build)\s+ignore\b", re.MULTILINE)
_MAJOR = re.compile(r"v\d+")
# folders whose main packages are not what a project ships
_ASIDE = frozenset({"example", "examples", "hack", "internal", "scripts", "test", "testdata", "tests", "tools"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What is built: a package in the folder `module` (of a go.mod, or of go.work), as a binary called `name`."""

    module: str
    package: str
    name: str


def chosen(request: Request) -> Built:
    """The main package that is built: the one that `app` names, the root's, or the only one that is known."""
    if request.app is not None:
        folder = posixpath.normpath(request.app)
    else:
        folder, *others = main_packages(request) or ["."]
        folder = "." if others else folder
    module = _module_of(request, folder)
    inside = posixpath.relpath(folder, module)
    name = posixpath.basename(folder) if folder != "." else _module_name(request)
    return Built(module=module, package="." if inside == "." else f"./{inside}", name=name or "app")


def main_packages(request: Request) -> list[str]:
    """The folders of main packages, as far as they are known: the root's alone, else those in cmd/, else all others."""
    found: dict[str, None] = {}
    for path in (*request.matching("*.go"), *request.matching("*/main.go")):
        folder = posixpath.dirname(path) or "."
        text = request.text(path)
        own = request.has("go.work") or _module_of(request, folder) == "."
        aside = _ASIDE.intersection(folder.split("/")) or any(part[:1] in "_." for part in folder.split("/")[:-1])
        if own and not aside and not path.endswith("_test.go") and _is_main(text):
            found[folder] = None
    if "." in found:
        return ["."]
    commands = [folder for folder in found if "cmd" in folder.split("/")]
    return commands or list(found)


def _is_main(text: str) -> bool:
    return _PACKAGE_MAIN.search(text) is not None and _NOT_BUILT.search(text) is None


def _module_of(request: Request, folder: str) -> str:
    """The folder of the module that a folder belongs to; in a workspace that of go.work."""
    if request.has("go.work"):
        return "."
    while folder not in (".", "", "/") and not request.has(f"{folder}/go.mod"):
        folder = posixpath.dirname(folder)
    return folder or "."


def _module_name(request: Request) -> str:
    """The last word of a module's path without its major version, as `go build` names a binary."""
    path = next(iter(directives(request.text("go.mod"), "module")), "").strip('"`')
    words = [word for word in path.split("/") if word and not _MAJOR.fullmatch(word)]
    return re.sub(r"[^A-Za-z0-9_.-]", "", words[-1].removesuffix(".go")) if words else ""


def directives(text: str, word: str) -> Iterator[str]:
    """What a go.mod or go.work says after a word, on a line of its own or in a block."""
    inside = False
    for written in text.splitlines():
        line = _COMMENT.sub("", written).strip()
        if inside and line == ")":
            inside = False
        elif inside:
            yield from (line,) if line else ()
        elif line.startswith(word) and line[len(word) : len(word) + 1] in (" ", "\t", "("):
            rest = line[len(word) :].strip()
            inside = rest == "("
            yield from () if inside else (rest,)


def local_modules(request: Request) -> list[tuple[str, str]]:
    """The modules that a build reads from the context, beside the one that is built: (folder, the file that says so).

    A folder that starts with `..` lies outside of the context.
    """
    own = chosen(request).module
    found: dict[str, str] = {}
    mains = [own]
    if request.has("go.work"):
        mains = [posixpath.normpath(path.strip('"`')) for path in directives(request.text("go.work"), "use")]
        found |= dict.fromkeys((folder for folder in mains if folder != "."), "go.work")
    for file in (*(("go.work",) if request.has("go.work") else ()), *(file_in(folder, "go.mod") for folder in mains)):
        for line in directives(request.text(file), "replace"):
            target = line.partition("=>")[2].strip().strip('"`')
            if target.startswith(("./", "../")):
                found.setdefault(posixpath.normpath(posixpath.join(posixpath.dirname(file), target)), file)
    found.pop(own, None)
    return list(found.items())


def file_in(folder: str, name: str) -> str:
    """A file of a folder, as a path in the context."""
    return posixpath.normpath(posixpath.join(folder, name))
