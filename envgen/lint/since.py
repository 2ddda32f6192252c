"""Which lines changed since a revision of git: what is committed since, what isn't yet, and files git doesn't know."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint.dockerfile import Dockerfile, parse
from envgen.lint.files import Kind, kind_of
from envgen.lint.selection import BLIND

_HUNK = re.compile(rb"@@ -\d+(?:,(?P<old>\d+))? \+(?P<start>\d+)(?:,(?P<new>\d+))? @@")
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_SECONDS = 60


@dataclass(slots=True)
class Change:
    """What changed in a file: `added` lines, and `cuts`, the lines (0 for the top) after which lines were removed."""

    added: list[range] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    is_new: bool = False

    def touches(self, first: int, last: int) -> bool:
        """Whether any of these lines changed, or lines between them went."""
        added = any(lines.start <= last and first < lines.stop for lines in self.added)
        return self.is_new or added or any(first <= cut < last for cut in self.cuts)


def only_changed(
    findings: Sequence[Finding], ref: str, text_of: Callable[[str], str | None], start: str | None = None
) -> tuple[Finding, ...]:
    """The findings on lines that changed since a revision forked off; of an instruction, any line counts.

    A file that can't be checked any more is reported wherever it changed, one that git doesn't know in full. `start` is
    a folder in the repository that has to know the revision (by default the working directory). Raises EnvgenError
    where it doesn't, or where there is no git or no repository.
    """
    changes = changed({finding.file for finding in findings}, ref, start)
    spans: dict[str, list[range]] = {}
    kept = []
    for finding in findings:
        change = changes.get(finding.file)
        if change is None:
            continue
        if finding.file not in spans:
            spans[finding.file] = _instructions(finding.file, text_of(finding.file) or "")
        span = next((lines for lines in spans[finding.file] if finding.line in lines), None)
        first, last = (span.start, span.stop - 1) if span else (finding.line, finding.line)
        if finding.code in BLIND or change.touches(first, last):
            kept.append(finding)
    return tuple(kept)


def changed(paths: Iterable[str], ref: str, start: str | None = None) -> dict[str, Change]:
    """What changed in which of these files since a revision; raises EnvgenError as `only_changed` does."""
    if not ref or ref.startswith("-"):
        raise _error(f"`{ref}` is no revision", "name a commit, a branch or a tag, such as origin/main")
    git = shutil.which("git")
    if git is None:
        raise _error("git is not installed", "--since asks it what changed")
    home = _top(git, start or os.getcwd())  # noqa: PTH109 - paths are text here
    by_top: dict[str | None, dict[str, str]] = {home: {}}
    for path in paths:
        real = os.path.realpath(path)
        top = _repository(os.path.dirname(real))  # noqa: PTH120 - as above
        by_top.setdefault(top, {})[os.path.relpath(real, top or os.sep)] = path
    found: dict[str, Change] = {}
    for top, names in by_top.items():
        since = _changes(git, top, ref) if top else None
        if since is None and top == home:
            hint = "in CI, fetch it first: a shallow clone holds one commit only (`fetch-depth: 0` of actions/checkout)"
            raise _error(f"git knows no revision `{ref}` here", hint)
        tracked = _tracked(git, top) if top and names and since is not None else frozenset()
        for name, path in names.items():
            change = (since or {}).get(name) if name in tracked else Change(is_new=True)
            if change is not None:
                found[path] = change
    return found


def _instructions(path: str, text: str) -> list[range]:
    if kind_of(path) is not Kind.DOCKERFILE:
        return []
    parsed = parse(text, path)
    instructions = parsed.instructions if isinstance(parsed, Dockerfile) else ()
    return [range(one.line, one.end_line + 1) for one in instructions if one.end_line > one.line]


def _repository(folder: str) -> str | None:
    start = Path(folder)
    return next((str(one) for one in (start, *start.parents) if (one / ".git").exists()), None)


def _top(git: str, folder: str) -> str:
    top = _run(git, folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise _error("this is no repository of git", "--since needs one: it asks git what changed")
    return os.path.realpath(os.fsdecode(top).removesuffix("\n"))


def _changes(git: str, top: str, ref: str) -> dict[str, Change] | None:
    """The changed files of a repository, or None where it has no such revision."""
    commit = _run(git, top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        return None
    commit = commit.strip()
    # lines that only the other side changed are not changes of this one; histories without a common commit have no fork
    fork = (_run(git, top, "merge-base", commit.decode(), "HEAD") or commit).split()[0]
    output = _run(
        git,
        top,
        *("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "--find-renames"),
        *("--ignore-submodules", "--no-relative", "--src-prefix=a/", "--dst-prefix=b/", fork.decode(), "--"),
    )
    if output is None:
        raise _error(f"git can't compare with `{ref}`", "`git diff` says why")
    return dict(_parsed(output))


def _parsed(diff: bytes) -> Iterator[tuple[str, Change]]:
    """The files of a diff without context. The lines of a hunk are counted, as any of them may look like a head."""
    change = None
    skip = 0
    for line in diff.split(b"\n"):
        if skip and line[:1] in {b"+", b"-"}:
            skip -= 1
        elif line.startswith(b"+++ "):
            change = Change()
            name = _unquoted(line[4:])
            if name.startswith(b"b/"):
                yield os.fsdecode(name[2:]), change
        elif change is not None and (hunk := _HUNK.match(line)):
            start, new, old = int(hunk["start"]), int(hunk["new"] or 1), int(hunk["old"] or 1)
            if new:
                change.added.append(range(start, start + new))
            else:
                change.cuts.append(start)
            skip = old + new


def _unquoted(name: bytes) -> bytes:
    """A name as git writes it: in quotes with escapes if it is unusual, with a tab behind it if it holds a blank."""
    if not name.startswith(b'"'):
        return name.removesuffix(b"\r").removesuffix(b"\t")
    inside = name.rstrip()[1:-1]
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 8)]) if len(m[1]) > 1 else _ESCAPED.get(m[1], m[1]), inside)


def _tracked(git: str, top: str) -> frozenset[str]:
    output = _run(git, top, "ls-files", "-z", "--cached") or b""
    return frozenset(os.fsdecode(name) for name in output.split(b"\0") if name)


def _run(git: str, folder: str, *arguments: str) -> bytes | None:
    """What git prints, or None where it fails."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        process = subprocess.run(  # noqa: S603 - the one argument of the user's was looked at above
            [git, "-C", folder, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _error(f"git can't be run: {error}") from error
    return process.stdout if process.returncode == 0 else None


def _error(message: str, hint: str | None = None) -> EnvgenError:
    finding = Finding(
        code=codes.USAGE, severity=Severity.ERROR, file="--since", line=1, column=1, message=message, hint=hint
    )
    return EnvgenError([finding])
