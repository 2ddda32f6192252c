"""Findings on their way to whoever reads them: nothing is cut off, however slow the reader is."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MANY = 12_000
PROGRAM = f"""
import sys
from envgen.cli.console import print_findings
from envgen.finding import Finding, Severity
kinds = dict(code="EG101", severity=Severity.WARNING, file="Dockerfile", column=1, excerpt="größe " * 20, hint="h" * 90)
print_findings([Finding(line=line, message="m" * 120, **kinds) for line in range(1, {MANY} + 1)], sys.argv[1])
"""


def read_slowly(reader: int) -> bytes:
    """All there is to read, with pauses at the beginning, in which the pipe is full."""
    parts = []
    while part := os.read(reader, 1 << 16):
        parts.append(part)
        if len(parts) < 20:
            time.sleep(0.02)
    os.close(reader)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("name", "blocking", "unbuffered"),
    [("json", True, ""), ("sarif", True, "1"), ("text", False, ""), ("json", False, "1"), ("text", True, "1")],
)
def test_five_megabytes_go_whole_through_a_pipe(name: str, unbuffered: str, *, blocking: bool) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, blocking)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, name],
        stdout=writer,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        os.close(writer)
        written = read_slowly(reader)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert len(written) > 5_000_000
    if name == "json":
        assert len(json.loads(written)["findings"]) == MANY
    elif name == "sarif":
        assert len(json.loads(written)["runs"][0]["results"]) == MANY
    else:
        assert written.count(b"Dockerfile:") == MANY
        assert written.endswith(b"help: " + b"h" * 90 + b"\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_error_to_talk_about(unbuffered: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        assert process.stdout
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 2


def lint(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ENVGEN_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-m", "envgen", "lint", "--no-hadolint", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_lint_counts_by_severity_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM example.com/app:1 AS Build\nUSER 1000\n", encoding="utf-8")
    found = lint(tmp_path)
    assert re.fullmatch(
        r"envgen: 1 file, \d+ findings? \(1 warning(, \d+ info)?\), 1 with a fix \(see --diff\)\n", found.stderr
    )
    (tmp_path / "Dockerfile").write_text("FROM example.com/app:1\nUSER 1000\nFROM\nMAINTAINER\n", encoding="utf-8")
    assert re.search(r" findings? \(\d+ errors?", lint(tmp_path).stderr)


def test_junit_names_files_without_findings(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "Dockerfile").write_text(
        'FROM example.com/app:1\nUSER 1000\nHEALTHCHECK NONE\nCMD ["x"]\n', encoding="utf-8"
    )
    found = lint(tmp_path, "--format", "junit", "--select", "EG101")
    assert found.returncode == 0
    assert '<testsuite name="a b/Dockerfile" tests="1" failures="0"' in found.stdout
