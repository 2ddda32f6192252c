"""What was found in a text before: one small file an entry in the user's cache folder, safe to delete at any time.

An entry is written to a temporary file and renamed, so runs at the same time can't damage each other's; each holds a
checksum, so a damaged one is as if it weren't there. What isn't used for a month is removed.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from envgen.finding import Edit, Finding, Fix, Severity
from envgen.lint.excerpt import excerpt

_DAY = 24 * 60 * 60
_KEPT = 30 * _DAY
_CHECKSUM = 64  # hexadecimal digits of SHA-256


def folder() -> Path | None:
    """Where entries lie: $ENVGEN_CACHE_DIR, else `envgen` in the user's cache folder; None where there is no home.

    The user's cache folder is that of the XDG base directory specification, on macOS ~/Library/Caches.
    """
    if chosen := os.environ.get("ENVGEN_CACHE_DIR"):
        return Path(chosen)
    if (base := os.environ.get("XDG_CACHE_HOME")) and Path(base).is_absolute():
        return Path(base, "envgen")
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "envgen"


class Cache:
    """Findings by text. `conditions` are everything else that they hang on: versions and configuration."""

    def __init__(self, where: Path | None, conditions: Iterable[str], *, suffix: str = "") -> None:
        self._folder = where
        self._suffix = suffix
        basis = json.dumps([rules_digest(), *conditions]) if where else ""
        self._basis = hashlib.sha256(basis.encode("utf-8", "surrogatepass")).digest()

    def get(self, text: str) -> tuple[Finding, ...] | None:
        """What was found in a text, the file's name left open; None where that isn't known."""
        entry = self.load(text)
        return None if entry is None else restored(entry, text)

    def put(self, text: str, findings: Sequence[Finding]) -> None:
        """Keep what was found in a text."""
        self.store(text, stored(findings))

    def load(self, key: str) -> Any | None:  # noqa: ANN401 - any JSON
        """The data of a key; None where there is none, or it is damaged."""
        path = self._path(key)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                content = file.read()
                if time.time() - os.fstat(file.fileno()).st_mtime > _DAY:
                    os.utime(path)
            payload = content[_CHECKSUM:]
            if hashlib.sha256(payload).hexdigest().encode() != content[:_CHECKSUM]:
                return None
            return json.loads(payload)
        except (OSError, ValueError):
            return None

    def store(self, key: str, data: Any) -> None:  # noqa: ANN401 - any JSON
        """Keep data. A folder that can't be written to is no error: nothing is kept then."""
        path = self._path(key)
        if path is None:
            return
        payload = json.dumps(data).encode()
        content = hashlib.sha256(payload).hexdigest().encode() + payload
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(temporary).replace(path)
            except OSError:
                Path(temporary).unlink()
                raise

    def prune(self) -> None:
        """Remove what has not been used for a month; looks at most once a day."""
        if self._folder is None:
            return
        marker = self._folder / "pruned"
        now = time.time()
        with contextlib.suppress(OSError):
            if marker.exists() and now - marker.stat().st_mtime < _DAY:
                return
            marker.touch()
            for path in self._folder.glob("??/*"):
                if now - path.stat().st_mtime > _KEPT:
                    path.unlink()

    def _path(self, text: str) -> Path | None:
        if self._folder is None:
            return None
        name = hashlib.sha256(self._basis + text.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / (name[2:] + self._suffix)


@lru_cache
def rules_digest() -> str:
    """Changes whenever the linter does: with its version, and with every edit in a checkout."""
    found = hashlib.sha256()
    for parent, folders, names in os.walk(Path(__file__).parent):
        folders.sort()
        for name in sorted(name for name in names if name.endswith((".py", ".toml"))):
            found.update(name.encode() + Path(parent, name).read_bytes())
    return found.hexdigest()


def stored(findings: Sequence[Finding]) -> list[Any]:
    """Findings as JSON, without their file and its text."""
    return [_entry(finding) for finding in findings]


def restored(entries: list[Any], text: str, file: str = "") -> tuple[Finding, ...]:
    """Findings as they were stored, in a file of this text."""
    lines = text.split("\n")
    return tuple(_finding(entry, lines, file) for entry in entries)


def _entry(finding: Finding) -> list[Any]:
    fix = finding.fix and [
        finding.fix.safe,
        [[edit.line, edit.column, edit.end_line, edit.end_column, edit.text] for edit in finding.fix.edits],
    ]
    place = (finding.line, finding.column, finding.width)
    return [finding.code, finding.severity.value, *place, finding.message, finding.hint, fix]


def _finding(entry: list[Any], lines: Sequence[str], file: str) -> Finding:
    code, severity, line, column, width, message, hint, fix = entry
    return Finding(
        code=code,
        severity=Severity(severity),
        file=file,
        line=line,
        column=column,
        message=message,
        hint=hint,
        excerpt=excerpt(file, lines, line),
        width=width,
        fix=fix and Fix(tuple(Edit(*edit) for edit in fix[1]), fix[0]),
    )
