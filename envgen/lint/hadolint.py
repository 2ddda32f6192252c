"""Runs the real hadolint over many Dockerfiles and turns what it says into findings.

hadolint sees copies in a folder of our own, so no file name can trouble it; it runs in the working directory, so that
it finds the user's `.hadolint.yaml` as it always does.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from envgen.finding import Finding, Severity
from envgen.lint.hadolint_binary import Hadolint, unusable
from envgen.lint.heredoc import ReadableCopy, readable_copy
from envgen.lint.syntax import HADOLINT_FAILED

_PARSE_ERROR = "DL1000"  # hadolint returns it alone: no other check ran on the file
_WORTH_TWO_PROCESSES = 8  # files
_TRIES = 20  # runs over one file, each without one more instruction that hadolint can't read
_HUGE = 64_000  # characters: hadolint's time and memory grow faster than a RUN does
_BASE_LOAD = 200  # characters that take as long as the work that is the same for every file
_OUTPUT_START = re.compile(r'\[(?:\]|\{"code")')
_BAD_CONFIG = re.compile(r"Error parsing your config file in\s+'(?P<path>.+?)':(?P<text>.*)")
_TAB = 8  # how wide hadolint's parser takes a tab to be


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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What all tries on one text said."""

    results: list[_Result]
    failure: str
    bad_configs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What hadolint found in each text, in which texts it `failed`, and which configurations it could not read."""

    findings: Mapping[str, tuple[Finding, ...]]
    failed: frozenset[str]
    about_configs: tuple[Finding, ...]


def analyse(texts: Sequence[str], tool: Hadolint) -> Analysis:
    """What hadolint finds in the texts of Dockerfiles, the files' names left open.

    Raises EnvgenError where hadolint can't be run at all.
    """
    copies = {text: readable_copy(text) for text in dict.fromkeys(texts)}
    try:
        with tempfile.TemporaryDirectory(prefix="envgen-") as folder:
            outcomes = _outcomes(copies, tool, Path(folder))
    except OSError as error:
        raise unusable(f"hadolint can't be run: {error}", f"it is {tool.executable}") from error
    about_configs = dict(chain.from_iterable(outcome.bad_configs.items() for outcome in outcomes.values()))
    return Analysis(
        findings={text: tuple(_findings(text, copies[text], outcome)) for text, outcome in outcomes.items()},
        failed=frozenset(text for text, outcome in outcomes.items() if outcome.failure),
        about_configs=tuple(_failed(path, message) for path, message in about_configs.items()),
    )


def _outcomes(copies: Mapping[str, ReadableCopy], tool: Hadolint, folder: Path) -> dict[str, _Outcome]:
    """What hadolint says of each text; an instruction that only hadolint can't read is left out in another try."""
    found: dict[str, _Outcome] = {}
    left = dict(copies)
    for _ in range(_TRIES):
        paths = {text: folder / f"{number}.Dockerfile" for number, text in enumerate(left)}
        for text, path in paths.items():
            path.write_bytes(left[text].text.encode(errors="replace"))
        reports = _run_all(tool, {path: len(text) for text, path in paths.items()})
        shorter: dict[str, ReadableCopy] = {}
        for text, path in paths.items():
            results = reports[path].results.get(path.name, [])
            earlier = found[text].results if text in found else []
            found[text] = _Outcome([*earlier, *results], reports[path].failure, reports[path].bad_configs)
            if copy := _without_unread(left[text], results):
                shorter[text] = copy
        left = shorter
        if not left:
            break
    return found


def _without_unread(copy: ReadableCopy, results: Sequence[_Result]) -> ReadableCopy | None:
    """The copy to try next, where hadolint could not read one that Docker can."""
    unread = next((result for result in results if result.code == _PARSE_ERROR), None)
    return copy.without(copy.original_line(unread.line)) if unread and copy.problem is None else None


def _run_all(tool: Hadolint, sizes: Mapping[Path, int]) -> dict[Path, _Report]:
    """The report on each file; what made a batch fail is one file's fault, so its files then run one by one."""
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 2)) as pool:
        batches = list(_batches(sizes))
        reports = list(pool.map(lambda batch: _run(tool, batch), batches))
        found = {path: report for batch, report in zip(batches, reports, strict=True) for path in batch}
        alone = [path for batch in batches if len(batch) > 1 for path in batch if found[path].failure]
        return found | dict(zip(alone, pool.map(lambda path: _run(tool, [path]), alone), strict=True))


def _batches(sizes: Mapping[Path, int]) -> Iterator[list[Path]]:
    """Files that run in one process: two batches of about the same size, and each huge file for itself."""
    huge = [path for path, size in sizes.items() if size > _HUGE]
    usual = sorted((path for path, size in sizes.items() if size <= _HUGE), key=lambda path: -sizes[path])
    count = 2 if len(usual) >= _WORTH_TWO_PROCESSES and (os.cpu_count() or 1) > 1 else 1
    batches: list[list[Path]] = [[] for _ in range(count)]
    loads = [0] * count
    for path in usual:
        lightest = loads.index(min(loads))
        batches[lightest].append(path)
        loads[lightest] += sizes[path] + _BASE_LOAD
    yield from (batch for batch in (*batches, *([path] for path in huge)) if batch)


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


def _findings(text: str, copy: ReadableCopy, outcome: _Outcome) -> Iterator[Finding]:
    if outcome.failure:
        yield _failed("", outcome.failure)
    lines = text.split("\n")
    for result in outcome.results:
        yield _unread(lines, copy, result) if result.code == _PARSE_ERROR else _finding(lines, copy, result)


def _unread(lines: Sequence[str], copy: ReadableCopy, result: _Result) -> Finding:
    """What hadolint could not read; where Docker can, that is hadolint's limit and no defect."""
    if problem := copy.problem:  # BuildKit's grammar says it in clearer words
        message = f"hadolint could not parse this file, so none of its checks ran: {problem.reason}"
        return _at_line(lines, replace(result, line=problem.line, message=message))
    message = f"hadolint could not parse this instruction, so its checks did not run on it: {result.message}"
    finding = _at_line(lines, replace(result, line=copy.original_line(result.line), message=message))
    hint = "unless another finding says what is wrong there, this is hadolint's limitation: Docker can read it"
    return replace(finding, severity=Severity.INFO, hint=hint)


def _finding(lines: Sequence[str], copy: ReadableCopy, result: _Result) -> Finding:
    line = min(copy.original_line(result.line), len(lines))
    finding = _at_line(lines, replace(result, line=line))
    if result.column <= 1:  # hadolint's way to say that it means the line
        return finding
    return replace(finding, column=_character(finding.excerpt, result.column), width=1)


def _at_line(lines: Sequence[str], result: _Result) -> Finding:
    line = min(result.line, len(lines))
    excerpt = lines[line - 1].removesuffix("\r")
    return Finding(
        code=result.code,
        severity=result.severity,
        file="",
        line=line,
        column=len(excerpt) - len(excerpt.lstrip()) + 1,
        message=" ".join(result.message.split()),
        excerpt=excerpt,
        width=max(len(excerpt.strip()), 1),
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
    return Finding(
        code=HADOLINT_FAILED.id, severity=HADOLINT_FAILED.severity, file=path, line=1, column=1, message=message
    )
