"""`envgen env generate`: secrets that are missing are made, once, and nobody sees them."""

import json
import os
import re
import stat
import subprocess
import threading
import uuid
from base64 import b64decode, urlsafe_b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import literals
from plans import plan_of
from test_env_check import run

from envgen import dotenv, secret_files
from envgen.contract.making import make, missing, with_values
from envgen.finding import EnvgenError
from envgen.plan.model import Generation
from envgen.value_types import ValueType

SPEC = """envgen: 1
name: shop
services:
  api:
    image: api:1
    environment:
      DB_PASSWORD: {secret: true}
      SESSION: {secret: true, deliver: env, generate: {type: hex, length: 16}, description: "Signs cookies."}
      API_KEY: {secret: true}
  db: {preset: postgres, image: "postgres:15"}
secrets:
  backup: {generate: {type: uuid}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "envgen.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) for path in paths}


@pytest.mark.parametrize(
    ("made", "form"),
    [
        (Generation(type="password", length=32), r"[A-Za-z0-9]{32}"),
        (Generation(type="hex", length=32), r"[0-9a-f]{64}"),
        (Generation(type="base64", length=32), r"[A-Za-z0-9+/]{43}="),
        (Generation(type="base64url", length=32), r"[A-Za-z0-9_-]{43}"),
        (Generation(type="uuid", length=None), r"[0-9a-f-]{36}"),
    ],
)
def test_kinds(made: Generation, form: str) -> None:
    values = {make(made) for _ in range(20)}
    assert len(values) == 20
    assert all(value and re.fullmatch(form, value) for value in values)
    for value in values:
        assert value
        if made.type == "base64":
            assert len(b64decode(value)) == 32
        elif made.type == "base64url":
            assert len(urlsafe_b64decode(value + "=")) == 32
        elif made.type == "uuid":
            assert uuid.UUID(value).version == 4


def test_what_is_made_is_what_the_spec_asks_for() -> None:
    kind = ValueType(pattern="[0-9]+[A-Za-z0-9]*")
    assert all(kind.problem(make(Generation(type="password", length=8), [kind]) or "") is None for _ in range(20))
    assert make(Generation(type="hex", length=8), [ValueType(pattern="z+")]) is None


def test_secrets_are_made_where_they_belong(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(["generate"], capfd)
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "envgen: made the secret backup in secrets/backup",
        "envgen: made the secret db_password in secrets/db_password",
        "envgen: made the secret SESSION in .env",
        "envgen: the secret api_key can't be made: write it into secrets/api_key (mode 444)",
    ]
    assert mode(folder / "secrets") == 0o700
    assert mode(folder / "secrets" / "db_password") == 0o444
    assert mode(folder / ".env") == 0o600
    assert re.fullmatch(r"[A-Za-z0-9]{32}", (folder / "secrets" / "db_password").read_text())
    assert re.fullmatch(r"SESSION=[0-9a-f]{32}\n", (folder / ".env").read_text())
    assert sorted(path.name for path in (folder / "secrets").iterdir()) == ["backup", "db_password"]


def test_a_second_time_changes_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(["generate"], capfd)
    before = tree(folder)
    code, _, err = run(["generate"], capfd)
    assert code == 0
    assert "envgen: nothing to make: 3 secrets there already" in err
    assert tree(folder) == before


def test_what_is_there_stays(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "db_password").write_text("mine", encoding="utf-8")
    (folder / ".env").write_text("# mine\nSESSION='my own' # kept\n", encoding="utf-8")
    (folder / ".env").chmod(0o640)
    run(["generate"], capfd)
    assert (folder / "secrets" / "db_password").read_text() == "mine"
    assert (folder / ".env").read_text() == "# mine\nSESSION='my own' # kept\n"


def test_env_keeps_its_comments_mode_and_order(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / ".env").write_text("# a\nSESSION=\nOTHER=1 # b", encoding="utf-8")
    (folder / ".env").chmod(0o640)
    run(["generate"], capfd)
    text = (folder / ".env").read_text()
    assert re.fullmatch(r"# a\nSESSION=[0-9a-f]{32}\nOTHER=1 # b", text)
    assert mode(folder / ".env") == 0o640


def test_nothing_of_a_secret_is_printed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said = "".join(map(str, run(["generate", "--json"], capfd))) + "".join(map(str, run(["check"], capfd)))
    said += "".join(map(str, run(["docs"], capfd))) + "".join(map(str, run(["docs", "--json"], capfd)))
    values = [(folder / "secrets" / name).read_text() for name in ("backup", "db_password")]
    values.append(dotenv.parse((folder / ".env").read_text())["SESSION"])
    assert not [value for value in values if value in said]


def test_json_names_secrets_and_paths(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    first, second = (json.loads(run(["generate", "--json"], capfd)[1]) for _ in range(2))
    assert first == {
        "made": [
            {"name": "backup", "path": "secrets/backup"},
            {"name": "db_password", "path": "secrets/db_password"},
            {"name": "SESSION", "path": ".env"},
        ],
        "kept": [],
        "missing": [{"name": "api_key", "path": "secrets/api_key"}],
    }
    assert (second["made"], second["kept"]) == ([], first["made"])


def test_then_only_what_nobody_can_make_is_missing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(["generate"], capfd)
    _, out, _ = run(["check"], capfd)
    assert [line for line in out.splitlines() if "error" in line] == [
        "secrets/api_key:1:1: error: the file of the secret `api_key` is not there [EG076]"
    ]
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda folder: (folder / "secrets").symlink_to(folder.parent), "a symbolic link leads out of the project"),
        (lambda folder: (folder / "secrets" / "backup").mkdir(parents=True), "it is a folder, which Docker makes"),
        (lambda folder: _file(folder / "secrets" / "backup", ""), "it is there, but empty"),
        (lambda folder: _file(folder / "secrets", "x"), "Not a directory"),
        (lambda folder: _link(folder / "secrets" / "backup", "/nowhere/at/all"), "a symbolic link that leads nowhere"),
        (lambda folder: _file(folder / ".env", "A B=1\n"), "line 1: compose can't read this"),
        (lambda folder: (folder / ".env").symlink_to("../elsewhere.env"), "a symbolic link leads out of the project"),
    ],
)
def test_where_something_is_in_the_way_nothing_is_made(
    prepare: object, said: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare(folder)  # type: ignore[operator]
    before = tree(folder)
    code, out, _ = run(["generate"], capfd)
    assert code == 2
    assert said in out
    assert tree(folder) == before


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)


def test_a_secret_outside_of_the_project_is_left_to_its_owner(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "envgen.yaml").write_text(SPEC.replace("{generate:", "{file: ../x, generate:"), encoding="utf-8")
    code, out, _ = run(["generate"], capfd)
    assert code == 2
    assert "it lies outside of the project" in out
    assert not (folder.parent / "x").exists()


def test_files_never_replace_each_other(tmp_path: Path) -> None:
    texts = [f"{number}" * 1000 for number in range(8)]
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda text=text: results.append(secret_files.make(tmp_path, "s/a", text)))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]
    assert (tmp_path / "s" / "a").read_text() in texts
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["a"]


def test_modes_hold_whatever_the_umask(tmp_path: Path) -> None:
    for umask in (0o000, 0o077):
        before = os.umask(umask)
        try:
            secret_files.make(tmp_path, f"s{umask}/a", "x")
        finally:
            os.umask(before)
        assert (mode(tmp_path / f"s{umask}"), mode(tmp_path / f"s{umask}" / "a")) == (0o700, 0o444)


def test_a_folder_that_nobody_may_write_is_said(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("", encoding="utf-8")
    with pytest.raises(EnvgenError, match="the file can't be made"):
        secret_files.make(tmp_path, "s/a", "x")


@pytest.mark.parametrize(
    ("ignored", "said"),
    [
        ("", ["secrets/backup: add `/secrets/`", "secrets/db_password: add `/secrets/`", ".env: add `/.env`"]),
        ("/secrets/\n", [".env: add `/.env`"]),
        ("secrets\n.env*\n", []),
    ],
)
def test_git_is_asked(ignored: str, said: list[str], folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    if ignored:
        (folder / ".gitignore").write_text(ignored, encoding="utf-8")
    _, _, err = run(["generate"], capfd)
    assert [line for line in err.splitlines() if "git" in line] == [
        f"envgen: git does not ignore {one} to .gitignore" for one in said
    ]
    assert not ignored or (folder / ".gitignore").read_text() == ignored
    assert bool(ignored) == (folder / ".gitignore").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "A=v\n"),
        ("B=1", "B=1\nA=v\n"),
        ("B=1\r\n", "B=1\r\nA=v\r\n"),
        ("A=\r\nB=1\r\n", "A=v\r\nB=1\r\n"),
        ("A=''\n", "A=v\n"),
        ('export A="" # c\n', "export A=v # c\n"),
        ("A=1\nA=\n", "A=1\nA=v\n"),
        ("#A=\n", "#A=\nA=v\n"),
        ("A =\n", "A =v\n"),
    ],
)
def test_where_a_value_goes(text: str, expected: str) -> None:
    assert missing(text, ["A"]) == ("A",)
    assert with_values(text, {"A": "v"}) == expected
    assert dotenv.parse(expected)["A"] == "v"


@pytest.mark.parametrize("text", ["A=1\n", "A='x' # c\n", "A\n", "export A=1"])
def test_a_value_that_is_there_is_never_replaced(text: str) -> None:
    assert missing(text, ["A"]) == ()
    assert with_values(text, {"A": "v"}) == text


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from("ABCD"), literals, max_size=4), st.dictionaries(st.sampled_from("CDEF"), literals)
)
def test_a_value_is_added_and_no_other_changes(there: dict[str, str], added: dict[str, str]) -> None:
    text = "".join(f"{name}={dotenv.written(value)}\n" for name, value in there.items())
    names = missing(text, list(added))
    after = dotenv.parse(with_values(text, {name: added[name] for name in names}))
    assert after == {**added, **{name: value for name, value in there.items() if name not in names}}


def test_how_a_secret_is_made_is_decided_in_one_order() -> None:
    text = """
    services:
      db: {preset: postgres}
      a: {image: x, environment: {DB_PASSWORD: {secret: true, generate: {type: hex}}}}
    """
    (secret,) = plan_of(text).secret_files
    assert secret.generate == Generation(type="hex", length=32)
    (secret,) = plan_of(text + "secrets: {db_password: {generate: {type: uuid}}}\n").secret_files
    assert secret.generate == Generation(type="uuid", length=None)
    (secret,) = plan_of(text + "secrets: {db_password: {generate: false}}\n").secret_files
    assert secret.generate is None
    (secret,) = plan_of("services: {db: {preset: postgres}}").secret_files
    assert secret.generate == Generation(type="password", length=32)
