"""envgen.lint.cache: what was found is found again without work; no damage to the cache shows in the result."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.finding import Edit, Finding, Fix, Severity
from envgen.lint import cache, hadolint
from envgen.lint.cache import Cache
from envgen.lint.engine import Tools, lint
from envgen.lint.files import Kind, LintFile
from envgen.lint.hadolint_binary import Hadolint

TEXT = "FROM debian\nRUN sudo ls\n"
FINDING = Finding(
    code="EG999",
    severity=Severity.STYLE,
    file="",
    line=2,
    column=5,
    message="m",
    hint="h",
    excerpt="RUN sudo ls",
    width=4,
    fix=Fix((Edit(2, 1, 2, 4, "run"),), safe=False),
)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The texts that hadolint is asked about."""
    asked: list[Sequence[str]] = []
    real = hadolint.analyse

    def analyse(texts: Sequence[str], tool: Hadolint) -> hadolint.Analysis:
        asked.append(texts)
        return real(texts, tool)

    monkeypatch.setattr(hadolint, "analyse", analyse)
    return asked


def run(folder: Path | None, *texts: str) -> tuple[Finding, ...]:
    files = [LintFile(f"{number}/Dockerfile", text, Kind.DOCKERFILE) for number, text in enumerate(texts)]
    return lint(files, today=date(2026, 11, 23), tools=Tools(cache=folder))


def entries(folder: Path, suffix: str = "") -> list[Path]:
    """What was found in a text, or, with the suffix, around it."""
    return sorted(path for path in folder.glob("??/*") if path.suffix == suffix)


def test_a_second_run_finds_the_same_without_hadolint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch)
    first = run(folder, TEXT, "FROM a:1\n", TEXT)
    assert run(folder, TEXT, "FROM a:1\n", TEXT) == first == run(None, TEXT, "FROM a:1\n", TEXT)
    assert [len(texts) for texts in asked] == [2, 2]  # the second time without a cache
    assert any(finding.code == "DL3004" for finding in first)


def test_the_cache_knows_texts_not_paths(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, TEXT)
    asked = counted(monkeypatch)
    found = run(folder, "FROM a:1\n", TEXT)
    assert asked == [("FROM a:1\n",)]
    assert {finding.file for finding in found if finding.code == "DL3004"} == {"1/Dockerfile"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[:-3],
        lambda content: content.replace(b"DL3004", b"DL3005"),
        lambda content: b"\xff" * len(content),
        lambda content: content + b"x",
    ],
)
def test_a_damaged_entry_is_as_if_it_were_not_there(folder: Path, damage: object) -> None:
    first = run(folder, TEXT)
    (path,) = entries(folder)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert run(folder, TEXT) == first
    assert run(folder, TEXT) == first


def test_an_entry_that_is_a_folder_or_a_cache_that_is_a_file_costs_only_time(folder: Path, tmp_path: Path) -> None:
    first = run(folder, TEXT)
    (path,) = entries(folder)
    path.unlink()
    path.mkdir()
    assert run(folder, TEXT) == first
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file", TEXT) == first


def test_many_runs_at_once_find_the_same_and_leave_whole_entries(folder: Path) -> None:
    first = run(None, TEXT)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: run(folder, TEXT), range(8))) == {first}
    assert len(entries(folder)) == 1
    assert not [path for path in folder.rglob(".*") if path.is_file()]


@pytest.mark.parametrize(
    "change",
    [
        lambda tmp_path, _: (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3004]\n"),
        lambda _, monkeypatch: monkeypatch.setenv("HADOLINT_IGNORE", "DL3004"),
    ],
)
def test_another_configuration_of_hadolint_is_another_entry(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: object
) -> None:
    run(folder, TEXT)
    change(tmp_path, monkeypatch)  # type: ignore[operator]
    assert "DL3004" not in {finding.code for finding in run(folder, TEXT)}
    assert len(entries(folder)) == 2


def test_what_an_edited_linter_finds_is_another_entry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(folder, ["a"]).put(TEXT, [FINDING])
    assert Cache(folder, ["a"]).get(TEXT) == (FINDING,)
    assert Cache(folder, ["b"]).get(TEXT) is None
    monkeypatch.setattr(cache, "rules_digest", lambda: "edited")
    assert Cache(folder, ["a"]).get(TEXT) is None


def test_what_hadolint_could_not_do_is_tried_again(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "hadolint"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    files = [LintFile("Dockerfile", TEXT, Kind.DOCKERFILE)]
    found = lint(files, today=date(2026, 1, 1), tools=Tools(cache=folder, hadolint=lambda: Hadolint(str(broken))))
    assert "EG100" in {finding.code for finding in found}
    assert entries(folder) == []


def test_a_broken_configuration_is_said_every_time(folder: Path, tmp_path: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("ignored: [\n")
    assert run(folder, TEXT) == run(folder, TEXT)
    assert "EG100" in {finding.code for finding in run(folder, TEXT)}


AROUND = "FROM debian:12-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\n"


def around(folder: Path | None) -> set[str]:
    return {finding.code for finding in run(folder, AROUND) if finding.code.startswith("EG3")}


def test_what_was_found_around_a_file_holds_while_its_surroundings_do(folder: Path) -> None:
    Path("0").mkdir()
    first = around(folder)
    assert len(entries(folder, ".around")) == 1
    stamp = entries(folder, ".around")[0].stat().st_mtime_ns
    assert around(folder) == first
    assert entries(folder, ".around")[0].stat().st_mtime_ns == stamp
    Path("0/.dockerignore").write_text("# nothing\n.git # inline\n")
    changed = around(folder)
    assert changed == around(None)
    assert changed != first
    Path("0/.dockerignore").unlink()
    assert around(folder) == first


def test_what_is_not_used_for_a_month_goes_and_what_is_used_stays(folder: Path) -> None:
    kept = Cache(folder, [])
    kept.put("used", [])
    kept.put("unused", [])
    month = time.time() - 31 * 24 * 3600
    for path in entries(folder):
        os.utime(path, (month, month))
    assert kept.get("used") == ()
    kept.prune()
    assert len(entries(folder)) == 1
    assert kept.get("used") == ()
    assert kept.get("unused") is None


def test_pruning_looks_once_a_day(folder: Path) -> None:
    kept = Cache(folder, [])
    kept.put("a", [])
    kept.prune()
    for path in entries(folder):
        os.utime(path, (0, 0))
    kept.prune()
    assert len(entries(folder)) == 1


def test_the_folder_is_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVGEN_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert cache.folder() == tmp_path / ".cache" / "envgen"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache.folder() == tmp_path / "Library" / "Caches" / "envgen"
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache.folder() == Path("/x/envgen")
    monkeypatch.setenv("ENVGEN_CACHE_DIR", "/y")
    assert cache.folder() == Path("/y")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXTS, TEXTS, st.sampled_from(list(Severity)), st.integers(1, 9), st.none() | TEXTS)
def test_any_finding_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, text: str, message: str, severity: Severity, line: int, hint: str | None
) -> None:
    lines = text.split("\n")
    excerpt = lines[line - 1].removesuffix("\r") if line <= len(lines) else ""
    finding = replace(FINDING, message=message, severity=severity, line=line, hint=hint, excerpt=excerpt)
    kept = Cache(tmp_path_factory.mktemp("cache"), [])
    kept.put(text, [finding, finding])
    assert kept.get(text) == (finding, finding)


def test_a_second_run_of_the_command_finds_everything_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the rules' index is there yet or not, what is kept is found again."""
    monkeypatch.setenv("ENVGEN_CACHE_DIR", str(tmp_path / "cache"))
    Path("compose.yaml").write_text("services:\n  a: {image: 'x:1'}\n")
    Path("Dockerfile").write_text(TEXT)
    kept = []
    for _ in range(2):
        command = [sys.executable, "-m", "envgen", "lint", "--format", "json", "."]
        subprocess.run(command, check=False, capture_output=True)
        kept.append(sorted(path.name for path in (tmp_path / "cache").glob("??/*")))
    assert kept[0] == kept[1]
    assert {Path(name).suffix for name in kept[0]} == {"", ".around", ".rules"}
