import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint import baseline
from envgen.lint.baseline import Baseline
from envgen.lint.fingerprint import fingerprint, fingerprints


def finding(file: str = "a/Dockerfile", line: int = 1, excerpt: str = "RUN x", code: str = "DL3008") -> Finding:
    return Finding(
        code=code, severity=Severity.INFO, file=file, line=line, column=1, message=f"line {line}", excerpt=excerpt
    )


FINDINGS = st.lists(
    st.builds(
        finding,
        file=st.sampled_from(["Dockerfile", "a/Dockerfile", "a/../b/compose.yaml"]),
        line=st.integers(1, 9),
        excerpt=st.sampled_from(["", "RUN x", "  RUN   x ", "RUN y", "\udce9"]),
        code=st.sampled_from(["DL3008", "EG203"]),
    ),
    unique=True,
)


@given(FINDINGS)
def test_fingerprints_are_unique_and_hang_on_no_order(found: Sequence[Finding]) -> None:
    marks = fingerprints(found)
    assert len(set(marks)) == len(found)
    assert dict(zip(found, marks, strict=True)) == dict(zip(found[::-1], fingerprints(found[::-1]), strict=True))


def test_a_fingerprint_is_about_what_stands_there_and_not_about_where() -> None:
    one = fingerprint(finding())
    assert re.fullmatch(r"[0-9a-f]{32}", one)
    assert one == fingerprint(finding("./a/Dockerfile", 7, "\tRUN  x"))
    assert one != fingerprint(finding("b/Dockerfile"))
    assert one != fingerprint(finding(code="DL3009"))
    assert one != fingerprint(finding(excerpt="RUN y"))
    assert one != fingerprint(finding(), occurrence=1)


@given(FINDINGS)
def test_the_baseline_of_a_run_silences_that_run(found: Sequence[Finding]) -> None:
    assert Baseline("b.json").updated(found, []).without_known(found) == ()


@given(FINDINGS, FINDINGS)
def test_and_silences_nothing_that_was_not_there(found: Sequence[Finding], other: Sequence[Finding]) -> None:
    left = Baseline("b.json").updated(found, []).without_known(other)
    known = set(fingerprints(found))
    relative = [replace(one, file=os.path.normpath(one.file)) for one in other]
    assert left == tuple(one for one, mark in zip(other, fingerprints(relative), strict=True) if mark not in known)


@given(FINDINGS, st.integers(1, 50))
def test_lines_above_change_nothing(found: Sequence[Finding], lines: int) -> None:
    moved = [replace(one, line=one.line + lines, message="another") for one in found]
    assert Baseline("b.json").updated(found, []).without_known(moved) == ()


def test_one_more_of_the_same_is_new() -> None:
    known = Baseline("b.json").updated([finding(line=1), finding(line=2)], [])
    third = [finding(line=1), finding(line=2), finding(line=3)]
    assert known.without_known(third) == (third[2],)


def test_the_file_is_stable_and_comes_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = [finding("b/x", 3, "secret: hunter2"), finding("b/x", 3, code="EG203"), finding("Dockerfile")]
    written = Baseline("sub/b.json").updated(found, [])
    Path("sub").mkdir()
    written.write()
    text = Path("sub/b.json").read_text()
    assert list(json.loads(text)["files"]) == ["../Dockerfile", "../b/x"]
    assert "hunter2" not in text
    assert str(tmp_path) not in text
    assert text == Baseline("sub/b.json").updated(found[::-1], []).text()
    assert baseline.read("sub/b.json").without_known(found) == ()
    assert [one.name for one in Path("sub").iterdir()] == ["b.json"]
    monkeypatch.chdir("sub")
    assert baseline.read("b.json").without_known([finding("../Dockerfile")]) == ()


def test_an_update_drops_what_is_mended_and_keeps_what_was_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mended", "kept", "here"):
        Path(name).write_text("")
    old = Baseline("b.json").updated([finding(name) for name in ("mended", "kept", "gone", "here")], [])
    new = old.updated([finding("here", excerpt="new")], ["mended", "here"])
    assert sorted(new.entries) == ["here", "kept"]
    assert new.without_known([finding("here")]) == (finding("here"),)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("{", 1, "the baseline is no JSON: "),
        ('{\n"version": 1,\n', 3, "the baseline is no JSON: "),
        ("[]", 0, "this is no baseline of envgen lint"),
        ('{"files": []}', 0, "this is no baseline of envgen lint"),
        ('{\n"version": 2, "files": {}}', 2, "the baseline has version 2, not 1"),
        ('{"version": 1, "files": {\n"a": []}}', 2, "the entry of `a` is no map"),
        ('{"version": 1, "files": {\n"a": {\n"DL1": ["x"]}}}', 3, "`DL1` of `a` is no list of fingerprints"),
        ("[" * 100_000, 0, "the baseline is nested too deeply"),
    ],
)
def test_a_broken_baseline_is_an_error_with_its_place(content: str, line: int, message: str, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text(content)
    with pytest.raises(EnvgenError) as raised:
        baseline.read(str(path))
    (found,) = raised.value.findings
    code = codes.CONFIGURATION if line else codes.USAGE  # which has no place
    assert (found.code, found.file, found.line) == (code, str(path), line or 1)
    assert found.message.startswith(message)


def test_a_missing_baseline_is_an_error_unless_it_is_to_be_written(tmp_path: Path) -> None:
    path = str(tmp_path / "b.json")
    with pytest.raises(EnvgenError, match="no such baseline"):
        baseline.read(path)
    assert baseline.read(path, may_be_missing=True).entries == {}


def test_a_baseline_that_can_not_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvgenError, match="No space left"):
        Baseline(str(path)).write()
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["b.json"]
    with pytest.raises(EnvgenError, match="can't be written"):
        Baseline(str(tmp_path / "gone" / "b.json")).write()
