"""Fixes files on disk: the one place where the linter writes into what it reads."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint.files import LintFile
from envgen.lint.fixing import fix

_BOM = b"\xef\xbb\xbf"

Lint = Callable[[LintFile], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file whose text fixes would change, and how many findings they mend."""

    path: str
    before: str
    after: str
    count: int

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = unified_diff(_lines(self.before), _lines(self.after), f"a/{self.path}", f"b/{self.path}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def rewrites(files: Iterable[LintFile], lint: Lint, *, unsafe: bool) -> Iterator[Rewrite]:
    """The files that fixes would change. `lint` returns the findings in one file alone, as the user wants them."""
    for file in files:

        def relint(text: str, file: LintFile = file) -> list[Finding]:
            return [one for one in lint(LintFile(file.path, text, file.kind)) if one.file == file.path]

        fixed = fix(file.text, relint, unsafe=unsafe)
        if fixed.text != file.text:
            yield Rewrite(file.path, file.text, fixed.text, fixed.count)


def write(rewrites: Sequence[Rewrite]) -> None:
    """Put the new texts in place, so that a crash leaves each file old or new, with its mode and its mark.

    Raises EnvgenError, before any file is changed, where one can't be written or has changed since it was read.
    """
    prepared: list[tuple[Path, Path]] = []
    try:
        for one in rewrites:
            with _failing(one.path):
                _prepare(one, prepared)
        for one, (temporary, path) in zip(rewrites, prepared, strict=True):
            with _failing(one.path):
                temporary.replace(path)
    finally:
        for temporary, _ in prepared:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _prepare(rewrite: Rewrite, prepared: list[tuple[Path, Path]]) -> None:
    """Writes the new text beside the file; what was written, and what it is to replace, goes to `prepared`."""
    path = Path(os.path.realpath(rewrite.path))
    content = path.read_bytes()
    mark = _BOM if content.startswith(_BOM) else b""
    if content != mark + rewrite.before.encode():
        raise _cannot(rewrite.path, "the file has changed since it was read", "run the command again")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    prepared.append((Path(name), path))
    with os.fdopen(handle, "wb") as file:
        file.write(mark + rewrite.after.encode())
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(path.stat().st_mode & 0o7777)


@contextmanager
def _failing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _cannot(path, f"the file can't be written: {error.strerror or error}", None) from error


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _cannot(path: str, message: str, hint: str | None) -> EnvgenError:
    return EnvgenError(
        [Finding(code=codes.USAGE, severity=Severity.ERROR, file=path, line=1, column=1, message=message, hint=hint)]
    )
