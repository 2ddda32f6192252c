"""The baseline: findings that were there when the linter came, and that are left alone until somebody mends them."""

import json
import os
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint.fingerprint import fingerprints

_VERSION = 1
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_HINT = "remove it, and write it anew with --update-baseline"

Entries = Mapping[str, Mapping[str, Collection[str]]]  # file -> code -> fingerprints


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known findings by file, which is relative to the folder of the baseline, by code and by fingerprint.

    There is no text of the linted files in it: a line can hold a secret. Nor are there lines, as they move.
    """

    path: str
    entries: Entries = field(default_factory=dict)

    def without_known(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings that are new."""
        marked = zip(findings, self._marks(findings), strict=True)
        return tuple(
            finding for finding, (file, mark) in marked if mark not in self.entries.get(file, {}).get(finding.code, ())
        )

    def updated(self, findings: Sequence[Finding], linted: Iterable[str]) -> "Baseline":
        """A baseline of these findings; files that were not linted and are still there keep their entries."""
        seen = {self._relative(path) for path in linted} | {self._relative(finding.file) for finding in findings}
        folder = Path(self.path).parent
        entries: dict[str, dict[str, list[str]]] = {
            file: {code: list(marks) for code, marks in by_code.items()}
            for file, by_code in self.entries.items()
            if file not in seen and (folder / file).exists()
        }
        for finding, (file, mark) in zip(findings, self._marks(findings), strict=True):
            entries.setdefault(file, {}).setdefault(finding.code, []).append(mark)
        return Baseline(self.path, entries)

    def text(self) -> str:
        """What the file holds: always the same for the same findings."""
        files = {
            file: {code: sorted(marks) for code, marks in sorted(by_code.items())}
            for file, by_code in sorted(self.entries.items())
        }
        return json.dumps({"version": _VERSION, "files": files}, indent=2) + "\n"

    def write(self) -> None:
        """Writes the baseline as a whole or not at all. Raises EnvgenError where that isn't possible."""
        place = Path(os.path.realpath(self.path))
        temporary = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(self.text().encode(errors="surrogateescape"))
                    file.flush()
                    os.fsync(descriptor)
                temporary.replace(place)
            finally:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
        except OSError as error:
            raise _error(self.path, f"the baseline can't be written: {error.strerror or error}") from error

    def _marks(self, findings: Sequence[Finding]) -> list[tuple[str, str]]:
        """File and fingerprint of each finding, as seen from the baseline, so that it matters not where it is read."""
        relative = [replace(finding, file=self._relative(finding.file)) for finding in findings]
        return [(one.file, mark) for one, mark in zip(relative, fingerprints(relative), strict=True)]

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, Path(self.path).parent).replace(os.sep, "/")


def read(path: str, *, may_be_missing: bool = False) -> Baseline:
    """The baseline in a file. Raises EnvgenError for one that can't be read, or that isn't there and has to be."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if may_be_missing:
            return Baseline(path)
        raise _error(path, "there is no such baseline", "--update-baseline writes it") from None
    except OSError as error:
        raise _error(path, f"the baseline can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _error(path, "the baseline is not UTF-8 text", _HINT) from None
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _error_at(error.lineno, error.colno, path, f"the baseline is no JSON: {error.msg}") from None
    except RecursionError:
        raise _error(path, "the baseline is nested too deeply", _HINT) from None
    return Baseline(path, _entries(data, text, path))


def _entries(data: Any, text: str, path: str) -> dict[str, dict[str, frozenset[str]]]:  # noqa: ANN401 - whatever the file holds
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, dict):
        raise _error(path, "this is no baseline of envgen lint", _HINT)
    if data.get("version") != _VERSION:
        line = _line_of(text, '"version"')
        raise _error_at(line, 1, path, f"the baseline has version {data.get('version')!r}, not {_VERSION}")
    found: dict[str, dict[str, frozenset[str]]] = {}
    for file, by_code in files.items():
        if not isinstance(by_code, dict):
            raise _error_at(_line_of(text, json.dumps(file)), 1, path, f"the entry of `{file}` is no map")
        for code, marks in by_code.items():
            if not isinstance(marks, list) or not all(isinstance(m, str) and _FINGERPRINT.fullmatch(m) for m in marks):
                line = _line_of(text, json.dumps(code), _line_of(text, json.dumps(file)))
                raise _error_at(line, 1, path, f"`{code}` of `{file}` is no list of fingerprints")
            found.setdefault(file, {})[code] = frozenset(marks)
    return found


def _line_of(text: str, part: str, start: int = 1) -> int:
    lines = enumerate(text.split("\n"), 1)
    return next((number for number, line in lines if number >= start and part in line), start)


def _error(path: str, message: str, hint: str | None = None) -> EnvgenError:
    return _error_at(1, 1, path, message, hint, code=codes.USAGE)


def _error_at(
    line: int, column: int, path: str, message: str, hint: str | None = _HINT, *, code: str = codes.CONFIGURATION
) -> EnvgenError:
    finding = Finding(
        code=code, severity=Severity.ERROR, file=path, line=line, column=column, message=message, hint=hint
    )
    return EnvgenError([finding])
