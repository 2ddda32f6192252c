"""Which files are linted and as what; the one place where the linter reads them."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint import gitignore


class Kind(StrEnum):
    """What a file is; decides what looks at it."""

    DOCKERFILE = "Dockerfile"
    COMPOSE = "compose file"
    SPEC = "envgen spec"


KNOWN_NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.SPEC: ("envgen.yaml", "envgen.yml", "envgen.json"),
    Kind.COMPOSE: tuple(
        f"{name}.{end}"
        for name in (
            "compose",
            "compose[._-]*",
            "*[._-]compose",
            "*[._-]compose[._-]*",
            "docker-compose*",
            "docker-stack*",
        )
        for end in ("yaml", "yml")
    ),
    Kind.DOCKERFILE: (
        *("Dockerfile", "Dockerfile[._-]*", "*.Dockerfile"),
        *("Containerfile", "Containerfile[._-]*", "*.Containerfile"),
    ),
}
STDIN = "<stdin>"  # the path of standard input that has no name
_LARGEST = 64 * 1024 * 1024  # bytes: no file that people write is as large, and twice as much memory is needed
# what tools keep; other hidden folders (.devcontainer, .github, .ci) hold files that people write
_SKIPPED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".jj", ".cache", ".direnv", ".idea", ".vscode", ".terraform", ".vagrant"),
        *(".venv", ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"),
        *("node_modules", ".npm", ".yarn", ".pnpm-store", ".next", ".nuxt", ".gradle", ".m2", ".bundle", ".cargo"),
    }
)
_SURE_COMPOSE_NAMES = ("compose.", "docker-compose")  # others, such as .compose-lint.yml, have to look like it inside
_NO_COMPOSE_FILES = ("rancher-compose.", "docker_compose_")  # another format; pages of docker's own documentation
_WORKFLOWS = os.path.join(".github", "workflows")  # noqa: PTH118 - a workflow may well be called docker-compose.yml
# Dockerfile.dockerignore holds patterns; dockerfile.py and Dockerfile.j2 are about Dockerfiles, but are none
_SKIPPED_ENDINGS = (
    *(".dockerignore", ".md", ".rst", ".adoc", ".html", ".txt", ".bak", ".orig", ".rej", ".diff", ".patch", ".swp"),
    *(".c", ".cpp", ".cs", ".go", ".java", ".js", ".kt", ".php", ".pl", ".py", ".rb", ".rs", ".sh", ".ts", ".vim"),
    *(".ejs", ".erb", ".hbs", ".in", ".j2", ".jinja", ".jinja2", ".mustache", ".template", ".tmpl", ".tpl", "~"),
)
_DATA_ENDINGS = (".json", ".yaml", ".yml", ".toml", ".xml", ".lock", ".log", ".sum", ".sha256", ".sig", ".asc", ".png")
_FIRST_INSTRUCTION = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:FROM|ARG)[ \t]+\S", re.IGNORECASE)
_SPEC_KEY = re.compile(r"""^(?:\{\s*)?["']?envgen["']?\s*:""", re.MULTILINE)
_COMPOSE_KEY = re.compile(r"""^(?:\{\s*)?["']?(?:services|include)["']?\s*:""", re.MULTILINE)

Excludes = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class LintFile:
    """A file to lint: its path as the user should see it, its text (no byte order mark), and what it is."""

    path: str
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class StandardInput:
    """What `-` stands for, and the name that the user gave it."""

    content: Callable[[], bytes]
    name: str | None = None


def kind_of(path: str) -> Kind | None:
    """What a file of this name is, or None where the name says nothing."""
    name = os.path.basename(path).casefold()  # noqa: PTH119 - a name that is no text has to survive as it is
    if name.endswith(_SKIPPED_ENDINGS) or name.startswith(_NO_COMPOSE_FILES):
        return None
    for kind, patterns in KNOWN_NAMES.items():
        if any(fnmatchcase(name, pattern.casefold()) for pattern in patterns):
            return None if kind is Kind.DOCKERFILE and name.endswith(_DATA_ENDINGS) else kind
    return None


def kind_of_text(text: str) -> Kind | None:
    """What a text is by its first instruction or its keys, or None; for files whose name says nothing."""
    if _FIRST_INSTRUCTION.match(text):
        return Kind.DOCKERFILE
    if _SPEC_KEY.search(text):
        return Kind.SPEC
    return Kind.COMPOSE if _COMPOSE_KEY.search(text) else None


def read(
    paths: Iterable[str], *, stdin: StandardInput | None = None, excludes: Excludes | None = None
) -> tuple[LintFile | Finding, ...]:
    """Every file named, and those with a known name in every folder named; what can't be read is a finding.

    `-` is standard input. In folders, what git ignores and what `excludes` says of a path (a folder's ends in `/`) is
    left out. Raises EnvgenError for a file that neither its name nor its text tells the kind of.
    """
    chosen: dict[str, tuple[str, Kind | None]] = {}
    named: set[str] = set()
    findings: list[Finding] = []
    unknown: list[str] = []
    read_already: list[LintFile | Finding] = []
    for path in paths:
        if path == "-" and stdin is not None:
            found = _standard_input(stdin)
            read_already += [found] if found else []
            unknown += [] if found else [stdin.name or STDIN]
        elif os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a parent can't be entered
            try:
                for name, found_kind in _search(path, findings, excludes):
                    chosen.setdefault(os.path.realpath(name), (name, found_kind))
            except RecursionError:
                findings.append(_unreadable(path, "the folders in it are nested too deeply"))
        else:
            named.add(path)
            chosen.setdefault(os.path.realpath(path), (path, kind_of(path)))
    for path, kind in chosen.values():
        one = _read(path, kind)
        if one is None:
            unknown.append(path)
        elif path in named or not _is_something_else(one):
            read_already.append(one)
    if unknown:
        raise EnvgenError(_unknown_kind(path) for path in unknown)
    return (*findings, *read_already)


def _is_something_else(file: LintFile | Finding) -> bool:
    """Whether a file that was found by a vague name for compose files holds none of their keys."""
    if not isinstance(file, LintFile) or file.kind is not Kind.COMPOSE:
        return False
    name = os.path.basename(file.path).casefold()  # noqa: PTH119 - as in `kind_of`
    return not name.startswith(_SURE_COMPOSE_NAMES) and not _COMPOSE_KEY.search(file.text)


def _standard_input(stdin: StandardInput) -> LintFile | Finding | None:
    path = stdin.name or STDIN
    content = stdin.content()
    return _too_large(path) if len(content) > _LARGEST else _decoded(path, content, kind_of(path))


def _search(folder: str, findings: list[Finding], excludes: Excludes | None) -> Iterator[tuple[str, Kind]]:
    def unreadable(error: OSError) -> None:
        findings.append(_unreadable(str(error.filename), f"the folder can't be read: {error.strerror}"))

    levels = {os.path.normpath(folder): gitignore.above(folder)}
    for parent, folders, names in os.walk(folder, onerror=unreadable):
        here = os.path.normpath(parent)
        ignored = levels.pop(here)
        if not {".git", ".gitignore"}.isdisjoint((*folders, *names)):
            ignored = gitignore.inside(here, ignored)

        def path_of(name: str, here: str = here) -> str:
            return os.path.normpath(os.path.join(here, name))  # noqa: PTH118 - paths are text here

        def is_left_out(path: str, ignored: gitignore.Levels = ignored) -> bool:
            return gitignore.is_ignored(path, ignored) or bool(excludes and excludes(path))

        folders[:] = [
            name
            for name in sorted(folders)
            if name not in _SKIPPED_FOLDERS
            and not path_of(name).endswith(_WORKFLOWS)
            and not is_left_out(f"{path_of(name)}/")
        ]
        levels |= {path_of(name): ignored for name in folders}
        for name in sorted(names):
            kind = kind_of(name)
            if kind and not is_left_out(path_of(name)):
                yield path_of(name), kind


def _read(path: str, kind: Kind | None) -> LintFile | Finding | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - as in `kind_of`
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
            return _unreadable(path, "this is no regular file")
        if status.st_size > _LARGEST:
            return _too_large(path)
        content = Path(path).read_bytes()
    except OSError as error:
        if kind is None and not os.path.lexists(path):
            return None
        return _unreadable(path, f"the file can't be read: {error.strerror or error}")
    return _decoded(path, content, kind)


def _decoded(path: str, content: bytes, kind: Kind | None) -> LintFile | Finding | None:
    """A file's content as a file to lint or what keeps it from being one; None where nothing tells what it is."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unreadable(path, f"the file is not UTF-8 text: byte 0x{content[error.start]:02x}", line)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return _unreadable(path, "the file is not text: it holds a NUL byte", line)
    kind = kind or kind_of_text(text)
    return LintFile(path, text, kind) if kind else None


def _unreadable(path: str, message: str, line: int = 1, *, code: str = codes.UNREADABLE) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, file=path, line=line, column=1, message=message)


def _too_large(path: str) -> Finding:
    return _unreadable(path, f"the file is larger than {_LARGEST // 1024**2} MiB", code=codes.TOO_LARGE)


def _unknown_kind(path: str) -> Finding:
    message, hint = "there is no such file or folder", None
    if path == STDIN or os.path.lexists(path):
        message = "neither the name nor the text says what the file is"
        hint = (
            "the names that envgen lint knows are Dockerfile, Dockerfile.*, *.Dockerfile, Containerfile; "
            "compose.yaml, compose.*.yaml, docker-compose*.yml; envgen.yaml"
        )
        if path == STDIN:
            hint = f"name it with --stdin-filename; {hint}"
    return Finding(code=codes.USAGE, severity=Severity.ERROR, file=path, line=1, column=1, message=message, hint=hint)
