"""Which files are linted and as what; the one place where the linter reads them."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity


class Kind(StrEnum):
    """What a file is; decides what looks at it."""

    DOCKERFILE = "Dockerfile"
    COMPOSE = "compose file"
    SPEC = "envgen spec"


KNOWN_NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.DOCKERFILE: ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile"),
    Kind.COMPOSE: ("compose.yaml", "compose.yml", "compose.*.yaml", "compose.*.yml", "docker-compose*.y*ml"),
    Kind.SPEC: ("envgen.yaml", "envgen.yml", "envgen.json"),
}
_SKIPPED_FOLDERS = frozenset({"node_modules"})  # beside the hidden ones, such as .git and .venv
# Dockerfile.dockerignore holds patterns; dockerfile.py and Dockerfile.j2 are about Dockerfiles, but are none
_SKIPPED_ENDINGS = (
    *(".dockerignore", ".md", ".txt", ".bak", ".orig", ".rej"),
    *(".go", ".js", ".py", ".rb", ".rs", ".sh", ".ts"),
    *(".ejs", ".erb", ".hbs", ".j2", ".jinja", ".jinja2", ".mustache", ".template", ".tmpl", ".tpl"),
)


@dataclass(frozen=True, slots=True)
class LintFile:
    """A file to lint: its path as the user should see it, its text (no byte order mark), and what it is."""

    path: str
    text: str
    kind: Kind


def kind_of(path: str) -> Kind | None:
    """What a file of this name is, or None where the name says nothing."""
    name = os.path.basename(path).casefold()  # noqa: PTH119 - a name that is no text has to survive as it is
    if name.endswith(_SKIPPED_ENDINGS):
        return None
    for kind, patterns in KNOWN_NAMES.items():
        if any(fnmatchcase(name, pattern.casefold()) for pattern in patterns):
            return kind
    return None


def read(paths: Iterable[str]) -> tuple[LintFile | Finding, ...]:
    """Every file named, and those with a known name in every folder named; what can't be read is a finding.

    Raises EnvgenError for a file whose name says nothing about its kind.
    """
    chosen: dict[str, tuple[str, Kind]] = {}
    findings: list[Finding] = []
    unknown: list[str] = []
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a parent can't be entered
            found = list(_search(path, findings))
        elif kind := kind_of(path):
            found = [(path, kind)]
        else:
            found = []
            unknown.append(path)
        for name, kind in found:
            chosen.setdefault(os.path.realpath(name), (name, kind))
    if unknown:
        raise EnvgenError(_unknown_kind(path) for path in unknown)
    return (*findings, *(_read(path, kind) for path, kind in chosen.values()))


def _search(folder: str, findings: list[Finding]) -> Iterator[tuple[str, Kind]]:
    def unreadable(error: OSError) -> None:
        findings.append(_unreadable(str(error.filename), f"the folder can't be read: {error.strerror}"))

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            if kind := kind_of(name):
                yield os.path.normpath(os.path.join(parent, name)), kind  # noqa: PTH118 - as `parent` is text, too


def _read(path: str, kind: Kind) -> LintFile | Finding:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - reading a pipe or a device may never end
            return _unreadable(path, "this is no regular file")
        content = Path(path).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        return _unreadable(path, f"the file can't be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unreadable(path, f"the file is not UTF-8 text: byte 0x{content[error.start]:02x}", line)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return _unreadable(path, "the file is not text: it holds a NUL byte", line)
    return LintFile(path, text, kind)


def _unreadable(path: str, message: str, line: int = 1) -> Finding:
    return Finding(code=codes.UNREADABLE, severity=Severity.ERROR, file=path, line=line, column=1, message=message)


def _unknown_kind(path: str) -> Finding:
    names = "; ".join(f"{kind}: {', '.join(patterns)}" for kind, patterns in KNOWN_NAMES.items())
    message = "the name does not say what the file is" if os.path.lexists(path) else "there is no such file or folder"
    return Finding(
        code=codes.USAGE,
        severity=Severity.ERROR,
        file=path,
        line=1,
        column=1,
        message=message,
        hint=f"the names that envgen lint knows are {names}",
    )
