"""What surrounds a build or a mount on disk: the repository's root, and what git ignores there."""

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from weakref import WeakKeyDictionary

from e2b_dockerfile_utils import PatternMatcher

from envgen.lint.project import pattern_matcher
from envgen.lint.tree import Tree

_DEEPEST = 20  # folders between a file and the root of its repository
_OUTPUTS = frozenset(
    {"dist", "build", "out", "output", "outputs", "target", "bin", "obj", "release", "releases", "artifacts", "publish"}
    | {"coverage", "generated", "gen", ".next", ".nuxt", ".output", "node_modules", "vendor", ".venv", "venv", "_build"}
    | {"public", "static", "staticfiles", "www", "wheels", "wheelhouse", "pkg", "tmp", "temp", ".cache", "data"}
    | {"result", "certs", "ssl", "bundle", "x86_64", "amd64", "arm64"}
)
_BUILT = re.compile(
    r"\.(?:jar|war|ear|whl|deb|rpm|apk|exe|dll|so|a|o|class|tgz|gz|bz2|xz|zip|zst|tar|7z|pem|crt|cer|key|csr|jks|p12|pfx"
    r"|sock|pid|log|db|sqlite3?|bin|img|iso|wasm|gen\.\w+|pb\.\w+)$"
)


_ROOTS: WeakKeyDictionary[Tree, dict[str, str]] = WeakKeyDictionary()  # by the folders of the files asked about


def root_of(tree: Tree, file: str) -> str:
    """The folder of the repository that a file lies in; without a repository, the working directory."""
    known = _ROOTS.setdefault(tree, {})
    folder = tree.beside(file, ".")
    if folder not in known:
        known[folder] = _root_of(tree, file)
    return known[folder]


def _root_of(tree: Tree, file: str) -> str:
    folder = tree.beside(file, ".")
    for _ in range(_DEEPEST):
        if tree.exists(tree.join(folder, ".git")):
            return folder
        above = tree.join(folder, "..")
        if os.path.abspath(above) == os.path.abspath(folder):  # noqa: PTH100 - paths are text here
            break
        folder = above
    outside = os.path.isabs(file) or os.path.normpath(file).startswith("..")  # noqa: PTH117 - as above
    return tree.beside(file, ".") if outside else "."


def is_inside(path: str, folder: str) -> bool:
    """Whether a path lies in a folder (or is it), by its text: what lies outside may exist on other machines."""
    if not path.startswith(("..", "/")) and not folder.startswith(("..", "/")):  # clean: `..` stands in front only
        return folder in {"", "."} or path == folder or path.startswith(f"{folder}/")
    inner, outer = os.path.abspath(path), os.path.abspath(folder)  # noqa: PTH100 - as above
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def folders_up(tree: Tree, folder: str, root: str) -> Iterator[str]:
    """A folder and those above it up to a root; a bounded number of them, as no folder is above the topmost."""
    for _ in range(_DEEPEST):
        if not is_inside(folder, root):
            return
        yield folder
        folder = tree.join(folder, "..")


def relative(path: str, folder: str) -> str:
    """A path relative to a folder above it, with `/`."""
    if folder in {"", "."} and not path.startswith(("..", "/")):
        return path
    return os.path.relpath(path, folder or ".").replace(os.sep, "/")


def is_ignored_by_git(tree: Tree, path: str, root: str) -> bool:
    """Whether a .gitignore between the root and a path names it, so that it's not meant to be in a fresh checkout."""
    if not is_inside(path, root):
        return False
    parts = relative(path, root).split("/")
    folder = root
    for depth in range(len(parts)):
        text = tree.text(tree.join(folder, ".gitignore"))
        matcher = _gitignore(text) if text else None
        if matcher is not None and matcher.matches("/".join(parts[depth:])):
            return True
        folder = tree.join(folder, parts[depth])
    return False


def is_submodule(tree: Tree, path: str, root: str) -> bool:
    """Whether a path is a git submodule or lies in one, as a .gitmodules up to the root says."""
    for folder in folders_up(tree, tree.join(path, ".."), root):
        text = tree.text(tree.join(folder, ".gitmodules"))
        here = relative(path, folder) + "/"
        lines = (line.partition("=") for line in (text or "").splitlines() if line.strip().startswith("path"))
        if any(value.strip() and here.startswith(value.strip().rstrip("/") + "/") for _, _, value in lines):
            return True
    return False


def is_from_above(tree: Tree, file: str, written: str, root: str) -> bool:
    """Whether a path written in a compose file exists relative to a folder above it or beside its top.

    Then the file is a part of a project whose folder is another (`include`, `--project-directory`).
    """
    tail = written
    while tail.startswith(("./", "../")):
        tail = tail.partition("/")[2]
    if not tail or tail == "..":
        return False
    own = tree.beside(file, ".")
    is_own = tail == written.removeprefix("./")
    folders = folders_up(tree, own, root)
    return any(tree.exists(tree.join(folder, tail)) for folder in folders if not (is_own and folder == own))


def is_vendored(path: str) -> bool:
    """Whether a file was copied in with other people's code, of which parts are left out."""
    return any(part in {"vendor", "third_party", "node_modules"} for part in path.split("/")[:-1])


def looks_built(path: str) -> bool:
    """Whether a path looks like the output of a build or of a tool, which no fresh checkout has."""
    parts = path.lower().split("/")
    return any(part in _OUTPUTS for part in parts) or _BUILT.search(parts[-1]) is not None


def template_of(tree: Tree, path: str) -> str | None:
    """The example beside a file that a person is to copy (`config.example.json`, `.env.dist`), or None."""
    folder, name = os.path.split(path)
    stem, dot, ending = name.rpartition(".")
    words = ("example", "sample", "dist", "template", "tmpl", "tpl", "default", "j2", "in", "orig")
    names = [f"{name}{separator}{word}" for word in words for separator in (".", "-", "_")]
    if dot and stem:
        names += [f"{stem}{separator}{word}.{ending}" for word in words for separator in (".", "-", "_")]
    names += [f"{word}{separator}{name}" for word in words[:2] for separator in (".", "-", "_")]
    there = set(tree.names(folder))
    return next((os.path.join(folder, one) for one in names if one in there), None)  # noqa: PTH118 - as above


@lru_cache(maxsize=256)
def _gitignore(text: str) -> PatternMatcher | None:
    """A .gitignore as patterns of Docker's, which are anchored unless they start with `**/`."""
    patterns = []
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        sign, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        body = pattern.rstrip("/")
        if not body:
            continue
        one = sign + (body.lstrip("/") if "/" in body else f"**/{body}")
        if pattern_matcher([one]) is not None:
            patterns.append(one)
    return pattern_matcher(patterns) if patterns else None
