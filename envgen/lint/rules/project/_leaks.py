"""What lies in a build context and has no place in an image."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink
from envgen.lint.tree import Tree

_EXAMPLES = re.compile(r"example|sample|template|dist\b|default|tmpl|test|ci\b|schema|\.dev(?:elopment)?$")
_SECRET_LINE = re.compile(r"(?im)^[^#=\n]{0,80}(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE)[^#=\n]{0,40}=[^\s#]")
_KEYS = frozenset(
    {"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pypirc", ".pgpass", ".git-credentials"}
) | {"master.key"}
_KEY_ENDINGS = (".pem", ".key", ".p12", ".pfx", ".ppk")
_USES_GIT = re.compile(
    r"\bgit (?:describe|rev-parse|log|rev-list|submodule|diff|status|show)\b|setuptools.scm|go build|-buildvcs"
)
_FOREIGN = re.compile(r"(?:^|/)(?:tests?|fixtures?|testdata|examples?|__tests__|docs?|samples?)(?:/|$)")
_FOLDERS = {
    "node_modules": "the packages installed on the host",
    ".venv": "the virtual environment of the host",
    "venv": "the virtual environment of the host",
}


@dataclass(frozen=True, slots=True)
class Leak:
    """A path relative to the context, and what it is in words."""

    path: str
    what: str


_FOUND: WeakKeyDictionary[Tree, dict[str, tuple[Leak, ...]]] = WeakKeyDictionary()  # a context has many Dockerfiles


def leaks(context: str, tree: Tree) -> tuple[Leak, ...]:
    """Secrets, git's history and installed packages in a context, the top level first, three levels deep."""
    known = _FOUND.setdefault(tree, {})
    if context not in known:
        known[context] = tuple(_leaks(context, tree))
    return known[context]


def _leaks(context: str, tree: Tree) -> Iterator[Leak]:
    for path, is_folder in tree.entries(context, depth=3):
        name = path.rpartition("/")[2]
        if is_folder:
            if path == ".git":
                yield Leak(path, "the git history")
            elif name in _FOLDERS and not _FOREIGN.search(path) and _is_environment(context, path, name, tree):
                yield Leak(path, _FOLDERS[name])
        elif (what := _secret(tree.join(context, path), name, tree)) and not _FOREIGN.search(path):
            yield Leak(path, what)


def reaching_image(link: BuildLink) -> Iterator[Copied]:
    """What is copied from the context and ends up in the image itself, not only in a stage before it."""
    own = {id(step.instruction) for step in link.lineage}
    taken: dict[str, list[str]] = {}  # what the image copies out of other stages, by their names
    for step in link.lineage:
        if step.instruction.name == "COPY" and (stage := step.instruction.flag("from")):
            taken.setdefault(stage, []).extend(
                (step.expand(source) or "").rstrip("/") for source in step.instruction.args[:-1]
            )
    for one in link.copies:
        sources = taken.get(one.step.stage.name, ())
        if id(one.step.instruction) in own or any(_is_below(one.target, source) for source in sources):
            yield one


def _is_below(target: str | None, source: str) -> bool:
    return bool(target) and f"{target}/".startswith(f"{source}/")


def takes(one: Copied, path: str) -> bool:
    """Whether a COPY takes a path of the context: whole folders only, for globs pick with care."""
    if one.path is None or one.step.instruction.flag("exclude") is not None:
        return False
    return one.path in (".", "*") or path == one.path or path.startswith(f"{one.path}/")


def is_needed(link: BuildLink, leak: Leak) -> bool:
    """Whether the build asks git about the version, so that the history belongs into its context."""
    return leak.path == ".git" and any(
        step.instruction.name == "RUN" and _USES_GIT.search(step.instruction.text) for step in link.steps
    )


def _is_public(text: str) -> bool:
    """Whether variables are for a browser's eyes anyway, or say where things are."""
    names = [line.partition("=")[0].strip() for line in text.splitlines() if "=" in line and line.strip()[:1] != "#"]
    return any(name.startswith(("VITE_", "REACT_APP_", "NEXT_PUBLIC_")) for name in names) and (
        _SECRET_LINE.search(text) is None
    )


def _is_environment(context: str, path: str, name: str, tree: Tree) -> bool:
    return name == "node_modules" or tree.exists(tree.join(context, f"{path}/pyvenv.cfg")) or name == ".venv"


def _secret(path: str, name: str, tree: Tree) -> str | None:
    if name in _KEYS:
        return "a private key" if name.startswith("id_") else "credentials"
    if name in {".env", ".env.local"} or (name.startswith(".env.") and name.endswith(".local")):
        return None if _is_public(tree.text(path) or "") else "the variables of one machine"
    if name.startswith(".env.") and not _EXAMPLES.search(name):
        return "secrets" if _SECRET_LINE.search((tree.text(path) or "")[:20_000]) else None
    if name == ".npmrc":
        return "a registry's token" if "_authToken=" in (tree.text(path) or "").replace("_authToken=${", "") else None
    if name.endswith(_KEY_ENDINGS):
        text = tree.text(path)
        return "a private key" if text and "PRIVATE KEY-----" in text else None
    return None
