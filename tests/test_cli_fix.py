"""`envgen lint --fix` and `--diff` as a user meets them; what fixes do to rules is held by test_lint_rules.py."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from envgen import cli


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]
DOCKERFILE = "FROM node:22 AS Build\nexpose 80/TCP\nUSER 1000\nMAINTAINER me\n"
FIXED = "FROM node:22 AS build\nEXPOSE 80/tcp\nUSER 1000\nMAINTAINER me\n"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `envgen lint` with arguments, in tmp_path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ENVGEN_CACHE_DIR", str(tmp_path / "home"))

    def call(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as exited:
            cli.main(("lint", *arguments))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(exited.value.code if isinstance(exited.value.code, int) else 0, out, err)

    return call


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_diff_shows_what_fix_does_and_changes_nothing(run: Run) -> None:
    path = write("a/Dockerfile", DOCKERFILE)
    dry = run("--diff")
    assert (dry.code, path.read_text()) == (1, DOCKERFILE)
    assert "findings in 1 file would be mended" in dry.err
    assert run("--fix").code == 1  # MAINTAINER stays
    assert path.read_text() == FIXED
    if shutil.which("patch"):
        path.write_text(DOCKERFILE)
        subprocess.run(["patch", "-p1"], input=dry.out.encode(), check=True, capture_output=True)
        assert path.read_text() == FIXED


def test_a_second_fix_changes_nothing_and_has_nothing_to_show(run: Run) -> None:
    path = write("Dockerfile", DOCKERFILE)
    run("--fix")
    stamp = path.stat().st_mtime_ns
    again = run("--diff")
    assert (again.code, again.out) == (0, "")
    assert again.err == "envgen: there is nothing to mend\n"
    run("--fix")
    assert path.stat().st_mtime_ns == stamp


def test_what_is_left_is_said_and_what_is_mended_is_not(run: Run) -> None:
    write("Dockerfile", DOCKERFILE)
    result = run("--fix")
    assert "EG108" in result.out
    assert "EG101" not in result.out
    assert "mended" in result.err


def test_comments_and_form_of_a_compose_file_are_kept(run: Run) -> None:
    text = '# a\nversion: "3" # old\n\nservices:   # b\n  a: {image: "x:1", ports: [22:22]} # c\n'
    path = write("compose.yaml", text)
    run("--fix")
    assert path.read_text() == '# a\n\nservices:   # b\n  a: {image: "x:1", ports: ["22:22"]} # c\n'


def test_files_around_are_mended_too(run: Run) -> None:
    write("compose.yaml", "services:\n  a: {build: .}\n")
    write("Dockerfile", "FROM node:22\nCOPY . .\nUSER 1000\n")
    write("sub/node_modules/x", "")
    path = write(".dockerignore", "node_modules\n.git\n")
    run("--fix")
    assert path.read_text() == "**/node_modules\n.git\n"


def test_what_is_silenced_is_not_mended(run: Run) -> None:
    text = "# envgen: ignore-file=EG101,EG104 (ours)\n" + DOCKERFILE
    path = write("Dockerfile", text)
    run("--fix")
    assert path.read_text() == text.replace("80/TCP", "80/tcp")
    path.write_text(DOCKERFILE)
    run("--fix", "--ignore", "EG1*")
    assert path.read_text() == DOCKERFILE


def test_a_file_that_can_not_be_read_does_not_stop_the_others(run: Run) -> None:
    Path("b").mkdir()
    Path("b/Dockerfile").write_bytes(b"\xff")
    write("c/Dockerfile", "FROM x:1\nNOPE\n")
    path = write("Dockerfile", DOCKERFILE)
    result = run("--fix")
    assert path.read_text() == FIXED
    assert "EG002" in result.out
    assert "EG132" in result.out


def test_where_one_file_can_not_be_written_none_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [write(f"{name}/Dockerfile", DOCKERFILE) for name in "ab"]
    real = tempfile.mkstemp

    def full(*, dir: Path, prefix: str) -> tuple[int, str]:  # noqa: A002 - as it is called
        if prefix.startswith(".Dockerfile") and dir.name == "b":
            raise OSError(28, "No space left on device")
        return real(dir=dir, prefix=prefix)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    result = run("--fix", "--no-hadolint", "--no-cache")
    assert (result.code, result.out) == (
        2,
        "b/Dockerfile: error: the file can't be written: No space left on device [EG090]\n",
    )
    assert result.err == "envgen: 1 error; nothing was changed\n"
    assert [path.read_text() for path in paths] == [DOCKERFILE, DOCKERFILE]
    assert [path.name for path in Path("a").iterdir()] == ["Dockerfile"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--unsafe-fixes",),
        ("--fix", "--since", "HEAD"),
        ("--diff", "--since", "HEAD"),
        ("--fix", "--baseline", "b.json", "--update-baseline"),
        ("--fix", "-"),
        ("--diff", "--format", "json"),
    ],
)
def test_options_that_do_not_go_together(run: Run, arguments: tuple[str, ...]) -> None:
    path = write("Dockerfile", DOCKERFILE)
    result = run(*arguments)
    assert result.code == 2
    assert path.read_text() == DOCKERFILE
    assert not Path("b.json").exists()
