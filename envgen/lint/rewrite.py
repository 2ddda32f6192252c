"""Fixes files on disk: the one place where the linter writes into what it reads."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
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


def write(rewrite: Rewrite) -> None:
    """Put the new text in place, so that a crash leaves the old file or the new one, with its mode and its mark.

    Raises EnvgenError where the file can't be written, or has changed since it was read.
    """
    try:
        path = Path(os.path.realpath(rewrite.path))
        content = path.read_bytes()
        mark = _BOM if content.startswith(_BOM) else b""
        if content != mark + rewrite.before.encode():
            raise _cannot(rewrite.path, "the file has changed since it was read", "run the command again")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mark + rewrite.after.encode())
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(path.stat().st_mode & 0o7777)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _cannot(rewrite.path, f"the file can't be written: {error.strerror or error}", None) from error


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _cannot(path: str, message: str, hint: str | None) -> EnvgenError:
    return EnvgenError(
        [Finding(code=codes.USAGE, severity=Severity.ERROR, file=path, line=1, column=1, message=message, hint=hint)]
    )
