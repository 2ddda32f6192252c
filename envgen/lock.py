"""envgen.lock as data: what was rendered, and by which envgen. Text in, text out, no I/O."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envgen import codes
from envgen.artifact import path_problem
from envgen.finding import EnvgenError, Finding

_HEAD = """\
# What `envgen render` wrote, so that envgen can tell its own files from yours.
# Commit this file and don't edit it. Has it got a merge conflict? Just render again.
"""
_LINE = re.compile(
    r"(?P<single>envgen|plan) (?P<word>\S+)"
    r"|(?P<spec>spec) (?P<spec_name>.+)"
    r"|(?P<kind>file|also) (?P<name>.+) (?P<hash>sha256:[0-9a-f]{64})"
    r"|(?P<flag>unfinished)"
)
_CONFLICT = re.compile(r"(<{7}|\|{7}|>{7})( .*)?|={7}")
_VERSION = re.compile(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:\.post(\d+))?(?:\.dev(\d+))?(?:\+[\w.]+)?", re.ASCII)
START_AFRESH = "restore envgen.lock, or delete it and render: files that equal a fresh render are recognised without it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What is known of the render that last changed a file.

    `version` is the envgen that rendered, `plan` the hash of its plan ("" before the first render), `spec` the name of
    the spec ("" where it is not known), `files` a hash for each path. `also` holds further hashes that make a file
    ours: what a render under way is about to replace (`unfinished` is set then), or the other side of a merge
    (`merged` is set).
    """

    version: str
    plan: str
    files: Mapping[str, str]
    spec: str = ""
    also: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unfinished: bool = False
    merged: bool = False

    def hashes(self) -> dict[str, frozenset[str]]:
        """For each path, the hashes that make a file there ours."""
        none: frozenset[str] = frozenset()
        return {
            path: self.also.get(path, none) | ({self.files[path]} if path in self.files else none)
            for path in {**self.files, **self.also}
        }


@dataclass(slots=True)
class _Rows:
    """The lines of a lock while they are read: for each kind and name its values, each with its first line number."""

    values: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    conflict: bool = False

    def named(self, kind: str) -> Iterator[tuple[str, dict[str, int]]]:
        return ((name, values) for (this, name), values in self.values.items() if this == kind)

    def single(self, kind: str) -> dict[str, int]:
        return self.values.get((kind, ""), {})


def digest(text: str) -> str:
    """Hash `text`; the same for its CRLF checkout."""
    return "sha256:" + hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def format_lock(lock: Lock) -> str:
    """Return the lock's text: one line an entry, sorted, so that merges meet in as few lines as possible."""
    lines = [f"envgen {lock.version}"]
    lines += [f"plan {lock.plan}"] if lock.plan else []
    lines += [f"spec {lock.spec}"] if lock.spec else []
    lines += ["unfinished"] if lock.unfinished else []
    lines += [f"file {path} {hashed}" for path, hashed in sorted(lock.files.items())]
    lines += [f"also {path} {hashed}" for path, hashes in sorted(lock.also.items()) for hashed in sorted(hashes)]
    return _HEAD + "\n".join(lines) + "\n"


def parse_lock(text: str, path: str) -> Lock:
    """Read the text of the lock that the user knows as `path`.

    A merge conflict, or lines of both sides without its markers, is read as the union of the sides. Raises EnvgenError
    with EG041 for each line that can't be understood.
    """
    rows = _read_rows(text, path)
    versions = rows.single("envgen")
    if not versions and not rows.findings:
        rows.findings.append(_damage(path, 1, 1, "envgen.lock doesn't say which envgen wrote it"))
    if rows.findings:
        raise EnvgenError(sorted(rows.findings, key=lambda finding: finding.line))
    files = {name: next(iter(hashes)) for name, hashes in rows.named("file")}
    also: dict[str, frozenset[str]] = {}
    for name, hashes in (*rows.named("file"), *rows.named("also")):
        if rest := (also.get(name, frozenset()) | hashes.keys()) - {files.get(name)}:
            also[name] = frozenset(rest)
    double = any(len(rows.values[key]) > 1 for key in rows.values if key[0] in {"envgen", "plan", "file"})
    return Lock(
        version=max(versions, key=version_key),
        plan=next(iter(rows.single("plan")), ""),
        files=files,
        spec=next(iter(rows.single("spec")), ""),
        also=also,
        unfinished=("unfinished", "") in rows.values,
        merged=rows.conflict or double,
    )


def refuse_newer(text: str, path: str, version: str) -> None:
    """Raise EnvgenError with EG041 if the lock's text was written by a newer envgen than this `version`.

    To be called before parsing: a newer envgen may write lines that this one can't read.
    """
    for number, line in enumerate(_lines(text), 1):
        word, _, recorded = line.partition(" ")
        if word == "envgen" and _VERSION.fullmatch(recorded) and version_key(recorded) > version_key(version):
            message = f"envgen {recorded} rendered these files, and this is the older envgen {version}"
            hint = f"upgrade envgen to {recorded}; to go back on purpose, delete envgen.lock and render with --force"
            raise EnvgenError((_damage(path, number, 8, message, hint),))


def version_key(version: str) -> tuple[tuple[int, ...], int, int, int, bool, int]:
    """Return what orders versions like 1.2.3, 1.2.3rc1, 1.2.3.post1 and 1.2.3.dev4; raises ValueError for others."""
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"no version: {version!r}")
    release, stage, number, post, dev = match.groups()
    numbers = [int(part) for part in release.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    # a development version precedes what it leads to, so 1.0.dev1 comes before 1.0a1
    rank = ("a", "b", "rc").index(stage) if stage else (3 if dev is None or post is not None else -1)
    return tuple(numbers), rank, int(number or 0), -1 if post is None else int(post), dev is None, int(dev or 0)


def _read_rows(text: str, path: str) -> _Rows:
    rows = _Rows()
    for number, line in enumerate(_lines(text), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if _CONFLICT.fullmatch(line):
            rows.conflict = True
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            rows.findings.append(_damage(path, number, 1, "this line of envgen.lock is damaged"))
            continue
        kind = match["single"] or match["spec"] or match["kind"] or match["flag"]
        name, value = match["name"] or "", match["word"] or match["spec_name"] or match["hash"] or ""
        if kind in {"file", "also"} and (problem := path_problem(name)):
            rows.findings.append(_damage(path, number, 6, f"no output can be here: {problem}"))
        elif kind == "envgen" and not _VERSION.fullmatch(value):
            rows.findings.append(_damage(path, number, 8, "this is no version of envgen"))
        rows.values.setdefault((kind, name), {}).setdefault(value, number)
    return rows


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _damage(path: str, line: int, column: int, message: str, hint: str = START_AFRESH) -> Finding:
    severity = codes.CODES[codes.LOCK].severity
    return Finding(code=codes.LOCK, severity=severity, file=path, line=line, column=column, message=message, hint=hint)
