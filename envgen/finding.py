"""What envgen has to say about a file: the one type for syntax, schema and lint findings. Imports nothing of envgen."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is, worst first; the names are hadolint's."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    STYLE = "style"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text from (line, column) up to but not including (end_line, end_column), all 1-based, by `text`."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend a finding, all in its file; one that could change what the file does is not `safe`."""

    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to tell the user, with its place.

    `file` is the path as the user should see it (`<stdin>` for standard input); `line` and `column` are 1-based, in
    characters. `excerpt` is the source line ("" when there is none to show) and `width` how many of its characters
    from `column` on the finding is about. `hint` says what to do, `fix` does it.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    message: str
    hint: str | None = None
    excerpt: str = ""
    width: int = 1
    fix: Fix | None = None


class EnvgenError(Exception):
    """What was asked for cannot be done; `findings` say why (never empty). The command line exits with 2."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{f.file}:{f.line}:{f.column}: {f.message}" for f in self.findings))
