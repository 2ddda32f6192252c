"""What commands share: reading the spec, printing findings, and the exit codes."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from envgen.cli import completing

if TYPE_CHECKING:
    from envgen.finding import EnvgenError, Finding
    from envgen.plan import Plan
    from envgen.presets import Preset
    from envgen.spec import Spec

FINE, FINDINGS, CANNOT = 0, 1, 2
STDIN = "<stdin>"
_LARGEST = 64 * 1024 * 1024  # what is read of one file at most; `source.parse` refuses far smaller ones with a reason

SpecArgument = Annotated[
    str | None,
    typer.Argument(metavar="[SPEC]", help="The spec; - is standard input. Default: the nearest envgen.yaml upwards."),
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        autocompletion=completing.formats,
        # the modules of envgen.lint.formats, which --help has no time to look for
        help="How findings are printed: checkstyle, github, gitlab, json, junit, sarif or text.",
    ),
]


class Project(NamedTuple):
    """A spec that was read, its plan, the folder that its paths are relative to, and the user's own presets."""

    root: Path
    spec: "Spec"
    plan: "Plan"
    presets: "Mapping[str, Preset]"

    @property
    def spec_name(self) -> str:
        """The name of the spec's file, "" for standard input."""
        path = self.spec.source.path
        return "" if path == STDIN else Path(path).name


def read_project(argument: str | None) -> Project:
    """The spec that a command is about, with its plan; raises EnvgenError with all that is wrong."""
    path, content = read_spec(argument)
    return load_project(content, str(path) if path else STDIN)


def load_project(content: bytes, name: str) -> Project:
    """The project of a spec's content; `name` is its path as the user would write it. Raises EnvgenError."""
    from envgen.own_templates import read_templates
    from envgen.plan import resolve
    from envgen.project import check_outputs, read_contexts, read_presets, read_source
    from envgen.spec import load

    root = Path(name).parent
    spec = load(read_source(content, name))
    presets = read_presets(spec, root)
    plan = resolve(spec, read_contexts(spec, root), presets, read_templates(spec, root))
    check_outputs(spec, plan)
    return Project(root, spec, plan, presets)


def print_findings(findings: "Sequence[Finding]", output_format: str, files: Sequence[str] = ()) -> None:
    """Findings on standard output, coloured where a person reads them; `files` are all that were checked."""
    from envgen import __version__
    from envgen.lint.formats import find

    text = find(output_format)(findings, color=_wants_color(), files=files, version=__version__)
    if text:
        print_text(text)


def print_text(text: str) -> None:
    """Text on standard output, in UTF-8 whatever the locale says; exits with 2 where it can't be written."""
    if sys.stdout is None:
        complain("standard output is closed")
        sys.exit(CANNOT)
    try:
        sys.stdout.flush()
        with suppress(OSError):  # where a program has put something else in its place
            os.set_blocking(sys.stdout.fileno(), True)  # a pipe that somebody made non-blocking would take a part only
        left = memoryview(text.encode("utf-8", "backslashreplace"))
        while left:  # with PYTHONUNBUFFERED it writes as much as the pipe takes
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # of whoever read the output and has gone, there is nothing to say
            complain(f"the output can't be written: {error.strerror or error}")
        # Python flushes once more when it exits, and must not fail then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CANNOT)


def read_stdin() -> bytes:
    """What is on standard input, up to one byte more than any real file holds.

    Raises EnvgenError where it can't be read.
    """
    try:
        if sys.stdin is not None:
            return sys.stdin.buffer.read(_LARGEST + 1)
    except OSError as error:
        raise usage_error(f"it can't be read: {error.strerror or error}", file=STDIN) from None
    raise usage_error("it is closed", "`-` reads standard input: give it a file", STDIN)


def complain(message: str) -> None:
    """A line for people, on standard error, without anything that a terminal would obey."""
    from envgen.lint.formats._display import shown

    typer.echo(f"envgen: {shown(message)}", err=True)


def tally(findings: "Sequence[Finding]") -> str:
    """How many findings there are of each severity, worst first: `2 findings (1 error, 1 warning)`."""
    from collections import Counter

    from envgen.finding import Severity

    counts = Counter(finding.severity for finding in findings)
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning"}
    parts = [
        count(counts[severity], nouns[severity]) if severity in nouns else f"{counts[severity]} {severity}"
        for severity in Severity
        if counts[severity]
    ]
    return count(len(findings), "finding") + (f" ({', '.join(parts)})" if parts else "")


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@contextmanager
def cannot(output_format: str, undone: str = "changed") -> Iterator[None]:
    """Prints what an EnvgenError found and what was not done because of it, and exits with 2."""
    from envgen.finding import EnvgenError, Severity

    try:
        yield
    except EnvgenError as error:
        print_findings(error.findings, output_format)
        errors = sum(finding.severity is Severity.ERROR for finding in error.findings)
        complain(f"{count(errors, 'error')}; nothing was {undone}")
        raise typer.Exit(CANNOT) from None


def usage_error(message: str, hint: str | None = None, file: str = "envgen") -> "EnvgenError":
    """The error of a command that can't do what it was asked for."""
    from envgen import codes
    from envgen.finding import EnvgenError, Finding, Severity

    return EnvgenError(
        [Finding(code=codes.USAGE, severity=Severity.ERROR, file=file, line=1, column=1, message=message, hint=hint)]
    )


def check_format(output_format: str, undone: str = "changed") -> None:
    """Exits with 2 where there is no such format, before any work is done."""
    from envgen.lint.formats import find

    with cannot("text", undone):
        find(output_format)


def read_spec(argument: str | None) -> tuple[Path | None, bytes]:
    """The path of a spec as the user would write it (None: standard input), and its content; raises EnvgenError."""
    from envgen.project import SPEC_NAMES, find_spec

    if argument == "-":
        return None, read_stdin()
    if argument is None:
        found = find_spec(Path.cwd())
        if found is None:
            names = ", ".join(SPEC_NAMES)
            raise usage_error(f"there is no {names} here or in a folder above", "write one, or name its path")
        path = found
    else:
        path = Path(argument)
        if path.is_dir():
            found = next((path / name for name in SPEC_NAMES if (path / name).is_file()), None)
            if found is None:
                raise usage_error("there is no spec in this folder", file=argument)
            path = found
    try:
        if not path.is_file() and path.exists():
            raise usage_error("this is no regular file", file=_shown(path))
        with path.open("rb") as file:
            return Path(_shown(path)), file.read(_LARGEST)
    except OSError as error:
        raise usage_error(f"the spec can't be read: {error.strerror}", file=_shown(path)) from None


def _wants_color() -> bool:
    """Whether a person reads standard output who didn't say no (https://no-color.org)."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _shown(path: Path) -> str:
    """A path as the user would write it: relative where it is below the working directory."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
