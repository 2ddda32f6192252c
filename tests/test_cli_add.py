"""`envgen add` as a user meets it: what is written, what is said, and what is refused."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from envgen import cli
from envgen.secret_files import alone_in

SPEC = "envgen: 1\nname: shop   # ours\nservices:\n  web: {image: 'nginx:1.27'}   # keep\n"


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `envgen add` beside a spec, in a folder with a Node app."""
    (tmp_path / "envgen.yaml").write_text(SPEC)
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3}')
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as exited:
            cli.main(["add", *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(exited.value.code if isinstance(exited.value.code, int) else 0, out, err)

    return call


def test_a_preset(run: Run) -> None:
    Path("envgen.yaml").chmod(0o640)
    result = run("postgres", "--as", "db")
    assert result.code == 0
    assert Path("envgen.yaml").read_text() == SPEC + "  db:\n    preset: postgres\n"
    assert Path("envgen.yaml").stat().st_mode & 0o777 == 0o640
    lines = result.err.splitlines()
    assert lines[0].startswith("envgen: added `db` (PostgreSQL")
    assert lines[0].endswith(" to envgen.yaml, line 5")
    assert lines[1] == "envgen: others refer to it as ${db.host}, ${db.port}, ${db.url}"
    assert "secrets/db_password" in lines[2]
    assert lines[-1] == "envgen: next: envgen render"


def test_several_at_once(run: Run) -> None:
    assert run("postgres", "redis").code == 0
    assert Path("envgen.yaml").read_text() == SPEC + "  postgres:\n    preset: postgres\n  redis:\n    preset: redis\n"


def test_a_runtime(run: Run) -> None:
    assert run("node@22", "--as", "api", "--context", ".", "--command", "node 'my server.js'").code == 0
    added = '  api:\n    uses: node@22\n    build: {context: .}\n    command: [node, "my server.js"]\n'
    assert Path("envgen.yaml").read_text() == SPEC + added


def test_a_runtime_of_the_spec(run: Run) -> None:
    head = SPEC.replace("services:", "runtimes:\n  node22: {language: node, version: '22'}\nservices:")
    Path("envgen.yaml").write_text(head)
    assert run("node22", "--as", "api", "--command", "node a.js").code == 0
    assert Path("envgen.yaml").read_text() == head + "  api:\n    uses: node22\n    command: [node, a.js]\n"


def test_what_a_spec_waits_for(run: Run) -> None:
    text = SPEC.replace("'nginx:1.27'", "'nginx:1.27', environment: {DB: '${db.host}'}")
    Path("envgen.yaml").write_text(text)
    assert run("postgres", "--as", "db").code == 0


def test_the_first_service_of_a_spec(run: Run) -> None:
    Path("envgen.yaml").write_text("envgen: 1\nname: shop\n")
    assert run("redis").code == 0
    assert Path("envgen.yaml").read_text() == "envgen: 1\nname: shop\n\nservices:\n  redis:\n    preset: redis\n"


def test_diff_changes_nothing(run: Run) -> None:
    result = run("redis", "--diff")
    assert result.code == 0
    assert result.out.startswith("--- a/envgen.yaml\n+++ b/envgen.yaml\n@@")
    assert result.out.endswith("+  redis:\n+    preset: redis\n")
    assert Path("envgen.yaml").read_text() == SPEC


def test_a_named_spec_and_json(run: Run) -> None:
    Path("sub").mkdir()
    Path("sub/envgen.json").write_text('{"envgen": 1, "name": "x", "services": {"a": {"image": "x"}}}')
    assert run("redis", "--spec", "sub").code == 0
    assert Path("sub/envgen.json").read_text() == (
        '{"envgen": 1, "name": "x", "services": {"a": {"image": "x"}, "redis": {"preset": "redis"}}}'
    )
    assert Path("envgen.yaml").read_text() == SPEC


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["postgers"], "did you mean `postgres`?"),
        (["nodd@22"], "did you mean `node`?"),
        (["xyzzy"], "there is no preset or runtime `xyzzy`"),
        (["node"], "write `node@VERSION`"),
        (["node@99", "--command", "a"], "EG030"),
        (["node@22"], "envgen.yaml:5:3: error: "),
        (["node@22", "--context", "nowhere", "--command", "a"], "there is no folder nowhere"),
        (["node@22", "--command", "a 'b"], "the command can't be taken apart"),
        (["redis", "--as", "web"], "envgen.yaml:4:3: error: there is a service `web` already"),
        (["redis", "--as", "my cache"], "`my cache` is no name for a service"),
        (["redis", "postgres", "--as", "db"], "--as names one service"),
        (["redis", "redis"], "`redis` is named twice"),
        (["redis", "--command", "a"], "--command goes with a runtime"),
        (["redis", "--context", "."], "--context goes with a runtime"),
        (["redis", "--spec", "-"], "standard input can't be added to"),
        (["redis", "--spec", "nowhere.yaml"], "the spec can't be read"),
    ],
)
def test_wrong_uses_change_nothing(run: Run, arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert said in result.out
    assert result.err.endswith("nothing was changed\n")
    assert Path("envgen.yaml").read_text() == SPEC


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SPEC + "  bad: {imagee: x}\n", "envgen.yaml:5:9: error: "),
        (SPEC + "broken\n", "envgen.yaml:5:1: error: "),
        (
            "x-s: &s {web: {image: x}}\n" + SPEC.split("services", maxsplit=1)[0] + "services: *s\n",
            "write it by hand: `redis: {",
        ),
    ],
)
def test_specs_that_nothing_can_be_added_to(run: Run, text: str, said: str) -> None:
    Path("envgen.yaml").write_text(text)
    result = run("redis")
    assert result.code == 2
    assert said in result.out
    assert Path("envgen.yaml").read_text() == text


def test_a_spec_out_of_the_project_is_not_written(run: Run, tmp_path: Path) -> None:
    Path("sub").mkdir()
    Path("sub/envgen.yaml").symlink_to(tmp_path / "envgen.yaml")
    result = run("redis", "--spec", "sub/envgen.yaml")
    assert result.code == 2
    assert "a symbolic link leads out of the project" in result.out
    assert Path("envgen.yaml").read_text() == SPEC


def test_two_at_once_both_arrive(run: Run) -> None:
    """The second waits for the first: each reads the spec, and puts its own one in that place."""
    command = [sys.executable, "-m", "envgen", "add", "redis", "--as"]
    with alone_in(Path()):
        both = [subprocess.Popen([*command, name], stderr=subprocess.DEVNULL) for name in ("one", "two")]
        time.sleep(0.8)  # both would have read it by now
        assert Path("envgen.yaml").read_text() == SPEC
    assert [process.wait(60) for process in both] == [0, 0]
    text = Path("envgen.yaml").read_text()
    assert "  one:\n" in text
    assert "  two:\n" in text
    assert run("redis", "--as", "three").code == 0
