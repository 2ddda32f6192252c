"""`envgen render --watch`, as a process: it follows the spec and what the spec leads to, and survives mistakes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envgen import cli

ROOT = Path(__file__).parents[1]
SPEC = """envgen: 1
name: shop
services:
  api:
    uses: node@22
    build: {context: ./api}
    command: [node, a.js]
    environment: {MARK: first}
"""
PATIENCE = 20.0  # seconds; what is promised is two, on a machine that does nothing else


class Watcher:
    """The process, and what it has said since it was last asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.parent / "log"
        self.seen = 0
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "envgen", "render", "--watch"]
            env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=env)

    def says(self, text: str) -> str:
        """What it said up to and with this text."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            new = self.log.read_text()[self.seen :]
            if text in new:
                self.seen += new.index(text) + len(text)
                return new
            assert self.process.poll() is None, new
            time.sleep(0.05)
        raise AssertionError(f"it never said {text!r}, but {new!r}")


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    folder = tmp_path / "shop"
    (folder / "api").mkdir(parents=True)
    (folder / "api/package.json").write_text("{}")
    (folder / "api/package-lock.json").write_text('{"lockfileVersion": 3}')
    (folder / "envgen.yaml").write_text(SPEC)
    one = Watcher(folder)
    try:
        one.says("watching for changes; Ctrl-C ends it\n")
        yield one
    finally:
        one.process.kill()
        one.process.wait()


def rendered(watcher: Watcher) -> str:
    return (watcher.folder / "compose.yaml").read_text()


def test_an_edit_is_rendered(watcher: Watcher) -> None:
    assert "MARK: first" in rendered(watcher)
    (watcher.folder / "envgen.yaml").write_text(SPEC.replace("first", "second"))
    watcher.says("wrote compose.yaml\n")
    assert "MARK: second" in rendered(watcher)


def test_an_editor_may_replace_the_file(watcher: Watcher) -> None:
    for mark in ("second", "third"):
        new = watcher.folder / ".envgen.yaml.swp"
        new.write_text(SPEC.replace("first", mark))
        (watcher.folder / "envgen.yaml").rename(watcher.folder / "envgen.yaml~")
        new.rename(watcher.folder / "envgen.yaml")
        watcher.says("wrote compose.yaml\n")
        assert f"MARK: {mark}" in rendered(watcher)


def test_a_mistake_is_said_and_once_it_is_mended_all_goes_on(watcher: Watcher) -> None:
    spec = watcher.folder / "envgen.yaml"
    spec.write_text(SPEC + "broken\n")
    watcher.says("envgen.yaml:9:1: error: ")
    watcher.says("nothing was changed\n")
    spec.unlink()
    watcher.says("nothing was changed\n")
    spec.write_text(SPEC)
    watcher.says("up to date\n")
    spec.write_text(SPEC.replace("first", "second"))
    watcher.says("wrote compose.yaml\n")


def test_a_manifest_that_vanishes_and_comes_back_is_seen(watcher: Watcher) -> None:
    manifest = watcher.folder / "api/package-lock.json"
    text = manifest.read_text()
    manifest.unlink()
    watcher.says("api/package-lock.json: the file is not there")
    manifest.write_text(text)
    watcher.says("up to date\n")


@pytest.mark.parametrize("context", ["", "api"])
def test_what_was_missing_from_the_start_is_waited_for(context: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "api").mkdir(parents=True)
    (folder / "envgen.yaml").write_text(SPEC if context else SPEC.replace("    build: {context: ./api}\n", ""))
    watcher = Watcher(folder)
    try:
        watcher.says("watching for changes")
        assert not (folder / "compose.yaml").exists()
        (folder / context / "package.json").write_text("{}")
        (folder / context / "package-lock.json").write_text('{"lockfileVersion": 3}')
        watcher.says("wrote compose.yaml\n")
    finally:
        watcher.process.kill()
        watcher.process.wait()


def test_an_output_that_is_deleted_is_rendered_again(watcher: Watcher) -> None:
    (watcher.folder / "compose.yaml").unlink()
    watcher.says("wrote compose.yaml\n")


def test_it_says_nothing_while_nothing_happens(watcher: Watcher) -> None:
    before = watcher.log.read_text()
    time.sleep(1.5)
    assert watcher.log.read_text() == before


def test_an_interrupt_ends_it_quietly(watcher: Watcher) -> None:
    before = watcher.log.read_text()
    watcher.process.send_signal(signal.SIGINT)
    assert watcher.process.wait(PATIENCE) == 130
    assert watcher.log.read_text().strip() == before.strip()


@pytest.mark.parametrize("option", ["--check", "--diff", "--stdout", "--plan", "--force"])
def test_what_does_not_go_with_it(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    wrong(["render", "--watch", option], f"--watch and {option} don't go together", capfd)


def test_standard_input_cannot_be_watched(capfd: pytest.CaptureFixture[str]) -> None:
    wrong(["render", "--watch", "-"], "--watch and standard input don't go together", capfd)


def wrong(arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        cli.main(arguments)
    assert exited.value.code == 2
    assert said in capfd.readouterr().out
