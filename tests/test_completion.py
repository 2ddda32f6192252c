"""Completion in the shells themselves: what `--install-completion` sets up offers what there is."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from envgen import presets, project
from envgen.cli import completing
from envgen.lint import about, formats
from envgen.targets import targets

ROOT = Path(__file__).parents[1]
SPEC = """envgen: 1
name: shop
runtimes: {node22: {language: node, version: "22"}}
services: {web: {image: x}}
environments: {dev: {}, prod: {}}
"""


def shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: `apt-get install {name}`")
    return found


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A home of its own, and an `envgen` on PATH; the working directory holds a spec."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "envgen"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m envgen "$@"\n')
    program.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    (work / "envgen.yaml").write_text(SPEC)
    monkeypatch.chdir(work)
    kept = {"HOME": str(tmp_path), "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    return {**kept, "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}


def run(command: Sequence[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def install(name: str, env: dict[str, str]) -> str:
    """Set completion up as a user does; the shell's path."""
    path = shell(name)
    # with a second command the shell stays the parent of envgen, by which envgen knows which shell it is
    run([path, "-c", "envgen --install-completion; true"], env)
    return path


CASES = [
    ("envgen add ", {*presets.names(), "node22", "node@22"}),
    ("envgen add po", {"postgres"}),
    ("envgen explain EG10", {one.code for one in about.every() if one.code.startswith("EG10")}),
    ("envgen explain --format ", {"text", "json"}),
    ("envgen lint --format ", set(formats.names())),
    ("envgen validate --format s", {"sarif"}),
    ("envgen render --stdout --target ", set(targets())),
    ("envgen po", {"ports"}),
    ("envgen presets po", {"postgres"}),
    ("envgen ports --environment ", {"dev", "prod"}),
    ("envgen render --plan --environment p", {"prod"}),
    ("envgen ports --al", {"--allocate"}),
]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_bash(line: str, expected: set[str], env: dict[str, str]) -> None:
    path = install("bash", env)
    words = line.split(" ")
    script = (
        f"source ~/.bashrc; COMP_WORDS=({' '.join(word or chr(39) * 2 for word in words)}); "
        f'COMP_CWORD={len(words) - 1}; _envgen_completion envgen; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    assert_offers(run([path, "-c", script], env), line, expected)


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_fish(line: str, expected: set[str], env: dict[str, str]) -> None:
    path = install("fish", env)
    out = run([path, "-c", f'complete --do-complete "{line}"'], env)
    assert_offers("\n".join(offer.split("\t")[0] for offer in out.splitlines()), line, expected)


def assert_offers(out: str, line: str, expected: set[str]) -> None:
    offers = set(out.split())
    assert expected <= offers
    assert all(offer.startswith(line.rsplit(" ", 1)[1]) for offer in offers)


def test_zsh(env: dict[str, str]) -> None:
    path = install("zsh", env)
    assert typed(path, env, "envgen add po\t") == "postgres"
    assert typed(path, env, "envgen render --stdout --target dockerf\t") == "dockerfile"


def typed(path: str, env: dict[str, str], keys: str) -> str:
    """The last word of a command line in an interactive zsh, once it has been typed with its Tab."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(path, [path, "-i"], env)  # noqa: S606 - it is the shell
    try:
        read_until(terminal, b"% ", b"# ")
        # the line is printed instead of run
        os.write(terminal, b"function accept() { print -r -- \"<<${BUFFER}>>\" }; zle -N accept; bindkey '^X' accept\r")
        read_until(terminal, b"% ", b"# ")
        os.write(terminal, keys.encode())
        read_until(terminal, keys.strip().encode())
        os.write(terminal, b"\t")  # the first one of a session loads Typer's function, and only the second one calls it
        read_until(terminal, b"")
        time.sleep(3)
        os.write(terminal, b"\x18")
        said = read_until(terminal, b">>")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)
    return said.decode().split("<<")[-1].split(">>")[0].split()[-1]


def read_until(terminal: int, *ends: bytes) -> bytes:
    said, deadline = b"", time.monotonic() + 20
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            said += os.read(terminal, 4096)
        elif any(end in said for end in ends):
            return said
    raise AssertionError(said)


# what the shells ask for


def offered(line: str, env: dict[str, str]) -> list[str]:
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_ENVGEN_COMPLETE": "complete_bash"}
    return run([sys.executable, "-m", "envgen"], {**env, **asked}).split()


@pytest.mark.parametrize("text", [None, "broken", "a: [", "- 1\n", "runtimes: 1\n", "\0", "x: " + "1" * 2_000_000])
def test_a_broken_spec_is_no_matter(text: str | None, env: dict[str, str]) -> None:
    if text is None:
        Path("envgen.yaml").unlink()
    else:
        Path("envgen.yaml").write_text(text)
    assert set(presets.names()) <= set(offered("envgen add ", env))


def test_the_spec_that_is_named_counts(env: dict[str, str]) -> None:
    Path("other.yaml").write_text("runtimes: {special: {}}\n")
    assert offered("envgen add --spec other.yaml spec", env) == ["special"]
    assert offered("envgen add spec", env) == []


def test_a_preset_is_offered_once(env: dict[str, str]) -> None:
    assert offered("envgen add redis re", env) == []


def test_what_is_known_apart_is_the_same() -> None:
    assert completing.SPEC_NAMES == project.SPEC_NAMES


def test_a_completion_imports_little(env: dict[str, str]) -> None:
    """It has half a second: neither models nor templates are loaded for it."""
    asked = {"COMP_WORDS": "envgen render --target ", "COMP_CWORD": "3", "_ENVGEN_COMPLETE": "complete_bash"}
    command = [sys.executable, "-X", "importtime", "-m", "envgen"]
    done = subprocess.run(command, env={**env, **asked}, capture_output=True, text=True, check=False, timeout=60)
    modules = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "typer" in modules
    assert not modules & {"pydantic", "jinja2", "envgen.plan", "envgen.spec"}
