import fcntl
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import envgen.write
from envgen.artifact import LOCK_NAME, Artifact
from envgen.drift import drift_findings
from envgen.finding import EnvgenError, Finding
from envgen.lock import Lock, digest, format_lock, parse_lock
from envgen.write import Report, preview, read_state, write

PLAN, VERSION = "sha256:1", "0.1.0"
CHECKOUT = Path(__file__).parents[1]


def check(root: Path, files: Sequence[Artifact], *, plan_hash: str, version: str) -> tuple[Finding, ...]:
    """What `envgen render --check` reports."""
    return drift_findings(preview(root, files, plan_hash=plan_hash, version=version), root)


def artifacts(**texts: str) -> list[Artifact]:
    return [Artifact(path=path.replace("__", "/").replace("_", "."), text=text) for path, text in texts.items()]


ONE = artifacts(compose_yaml="one\n", api__Dockerfile="FROM one\n")
TWO = artifacts(compose_yaml="two\n", api__Dockerfile="FROM two\n")


def render(root: Path, files: list[Artifact], *, force: bool = False) -> Report:
    return write(root, files, plan_hash=PLAN, version=VERSION, force=force)


def drift(root: Path, files: list[Artifact]) -> list[str]:
    return [Path(f.file).relative_to(root).as_posix() for f in check(root, files, plan_hash=PLAN, version=VERSION)]


def refused(root: Path, files: list[Artifact], code: str, *, force: bool = False) -> list[Finding]:
    """Render, expecting to be refused with nothing changed."""
    before = tree(root)
    with pytest.raises(EnvgenError) as caught:
        render(root, files, force=force)
    assert tree(root) == before
    assert {finding.code for finding in caught.value.findings} == {code}
    return list(caught.value.findings)


def tree(root: Path) -> dict[str, tuple[int, int, bytes | str]]:
    """All below `root` with mode, time and content."""
    found: dict[str, tuple[int, int, bytes | str]] = {}
    for path in root.rglob("*"):
        state = path.lstat()
        content: bytes | str = str(path.readlink()) if path.is_symlink() else b""
        if stat.S_ISREG(state.st_mode):
            content = path.read_bytes()
        found[path.relative_to(root).as_posix()] = (
            state.st_mode,
            0 if path.is_dir() else state.st_mtime_ns,
            content,
        )
    return found


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}


def matches(root: Path, files: list[Artifact]) -> bool:
    return all((root / a.path).read_text(encoding="utf-8") == a.text for a in files)


# what is written


def test_a_render_writes_files_folders_and_the_lock(tmp_path: Path) -> None:
    report = render(tmp_path, ONE)
    assert report == Report(written=("api/Dockerfile", "compose.yaml", LOCK_NAME), unchanged=(), deleted=(), kept=())
    assert names(tmp_path) == {"api/Dockerfile", "compose.yaml", LOCK_NAME}
    assert matches(tmp_path, ONE)
    assert drift(tmp_path, ONE) == []
    assert read_state(tmp_path, (), version=VERSION).lock == Lock(
        version=VERSION, plan=PLAN, files={a.path: digest(a.text) for a in ONE}
    )


def test_a_second_render_touches_nothing(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    before = tree(tmp_path)
    assert render(tmp_path, ONE) == Report(
        written=(), unchanged=("api/Dockerfile", "compose.yaml"), deleted=(), kept=()
    )
    assert tree(tmp_path) == before


def test_only_the_file_that_changed_is_touched(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    before = tree(tmp_path)["compose.yaml"]
    assert render(tmp_path, [ONE[0], TWO[1]]).written == ("api/Dockerfile", LOCK_NAME)
    assert tree(tmp_path)["compose.yaml"] == before


def test_unmodified_files_follow_the_spec(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    assert drift(tmp_path, TWO) == ["api/Dockerfile", "compose.yaml"]
    render(tmp_path, TWO)
    assert matches(tmp_path, TWO)
    assert drift(tmp_path, TWO) == []


def test_check_and_preview_change_nothing(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    before = tree(tmp_path)
    assert drift(tmp_path, TWO)
    (change, *_) = preview(tmp_path, TWO, plan_hash=PLAN, version=VERSION)
    assert change.diff == "--- a/api/Dockerfile\n+++ b/api/Dockerfile\n@@ -1 +1 @@\n-FROM one\n+FROM two\n"
    assert tree(tmp_path) == before


def test_the_preview_with_force_shows_what_force_would_write(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("mine\n")
    actions = [
        preview(tmp_path, ONE, plan_hash=PLAN, version=VERSION, force=force)[1].action for force in (False, True)
    ]
    assert actions == ["refuse", "write"]


def test_a_crlf_checkout_is_no_drift_and_stays_untouched(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    for path in ("compose.yaml", "api/Dockerfile", LOCK_NAME):
        (tmp_path / path).write_bytes((tmp_path / path).read_bytes().replace(b"\n", b"\r\n"))
    before = tree(tmp_path)
    assert drift(tmp_path, ONE) == []
    assert render(tmp_path, ONE).written == ()
    assert tree(tmp_path) == before
    render(tmp_path, TWO)
    assert matches(tmp_path, TWO)


def test_a_spec_change_without_an_effect_on_any_file_is_no_drift(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    before = tree(tmp_path)
    assert check(tmp_path, ONE, plan_hash="sha256:2", version="0.2.0") == ()
    assert write(tmp_path, ONE, plan_hash="sha256:2", version="0.2.0").written == ()
    assert tree(tmp_path) == before


@pytest.mark.parametrize("mode", [0o600, 0o755, 0o444])
def test_an_existing_file_keeps_its_mode_and_owner(tmp_path: Path, mode: int) -> None:
    render(tmp_path, ONE)
    (tmp_path / "compose.yaml").chmod(mode)
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    os.chown(tmp_path / "compose.yaml", owner, -1)
    render(tmp_path, TWO)
    state = (tmp_path / "compose.yaml").stat()
    assert (stat.S_IMODE(state.st_mode), state.st_uid) == (mode, owner)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o000, 0o644)])
def test_a_new_file_has_the_usual_mode(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        render(tmp_path, ONE)
    finally:
        os.umask(before)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names(tmp_path)} == {mode}


def test_a_file_with_the_longest_name_is_written(tmp_path: Path) -> None:
    long = [Artifact(path="x" * 255, text="x\n")]
    render(tmp_path, long)
    assert drift(tmp_path, long) == []


# whose file it is


def test_foreign_and_edited_files_are_refused_all_at_once(tmp_path: Path) -> None:
    render(tmp_path, ONE[:1])
    (tmp_path / "compose.yaml").write_text("one\nmine\n")
    (tmp_path / "api").mkdir()
    (tmp_path / "api/Dockerfile").write_text("FROM mine\n")
    files = [*TWO, Artifact(path="new", text="new\n")]
    found = refused(tmp_path, files, "EG042")
    assert [f.file for f in found] == [str(tmp_path / "api/Dockerfile"), str(tmp_path / "compose.yaml")]
    assert drift(tmp_path, files) == ["api/Dockerfile", "compose.yaml", "new"]
    render(tmp_path, files, force=True)
    assert matches(tmp_path, files)
    assert drift(tmp_path, files) == []


def test_without_the_lock_equal_files_are_ours_and_others_foreign(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    (tmp_path / LOCK_NAME).unlink()
    assert [f.file for f in refused(tmp_path, [ONE[0], TWO[1]], "EG042")] == [str(tmp_path / "api/Dockerfile")]
    assert drift(tmp_path, ONE) == [LOCK_NAME]
    assert render(tmp_path, ONE).written == (LOCK_NAME,)
    assert drift(tmp_path, ONE) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "is no UTF-8 text"),
        (b"a\0b", "is binary"),
        (b"x" * (16 * 1024 * 1024 + 1), "is larger than 16 MiB"),
    ],
    ids=["latin", "nul", "huge"],
)
def test_content_that_is_no_text_is_foreign(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "compose.yaml").write_bytes(content)
    (finding,) = refused(tmp_path, ONE, "EG042")
    assert reason in finding.message
    assert preview(tmp_path, ONE, plan_hash=PLAN, version=VERSION)[1].diff.endswith(f"the first {reason}\n")
    render(tmp_path, ONE, force=True)
    assert matches(tmp_path, ONE)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "compose.yaml").open("wb") as file:
        file.truncate(1 << 40)
    monkeypatch.setattr(Path, "read_bytes", pytest.fail)
    assert read_state(tmp_path, ONE, version=VERSION).files["compose.yaml"].text is None


# what the plan has no more


def test_an_unmodified_left_over_is_deleted_and_its_folder_stays(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    assert drift(tmp_path, ONE[:1]) == ["api/Dockerfile"]
    assert render(tmp_path, ONE[:1]).deleted == ("api/Dockerfile",)
    assert names(tmp_path) == {"compose.yaml", LOCK_NAME}
    assert (tmp_path / "api").is_dir()
    assert drift(tmp_path, ONE[:1]) == []


@pytest.mark.parametrize("force", [False, True])
def test_an_edited_left_over_is_reported_once_and_never_deleted(tmp_path: Path, force: bool) -> None:  # noqa: FBT001
    render(tmp_path, ONE)
    (tmp_path / "api/Dockerfile").write_text("FROM mine\n")
    assert drift(tmp_path, ONE[:1]) == ["api/Dockerfile"]
    assert render(tmp_path, ONE[:1], force=force).kept == ("api/Dockerfile",)
    assert drift(tmp_path, ONE[:1]) == []
    assert render(tmp_path, ONE[:1], force=force).kept == ()
    assert (tmp_path / "api/Dockerfile").read_text() == "FROM mine\n"
    assert [f.file for f in refused(tmp_path, ONE, "EG042")] == [str(tmp_path / "api/Dockerfile")]


def test_a_left_over_that_is_no_plain_file_any_more_is_kept(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    render(root, artifacts(link="l\n", inner="k\n", folder="f\n", away__file="a\n", keep="k\n"))
    for path in ("link", "inner", "folder", "away/file"):
        (root / path).unlink()
    (root / "away").rmdir()
    (outside / "file").write_text("a\n")
    (outside / "l").write_text("l\n")
    (root / "away").symlink_to(outside)
    (root / "link").symlink_to(outside / "l")
    (root / "inner").symlink_to("mine")
    (root / "mine").write_text("k\n")
    (root / "folder").mkdir()
    assert render(root, artifacts(keep="k\n")).kept == ("away/file", "folder", "inner", "link")
    assert names(outside) == {"file", "l"}
    assert names(root) >= {"inner", "mine", "link", "keep", LOCK_NAME}


def test_the_same_file_under_another_case_is_no_left_over(tmp_path: Path) -> None:
    # a hard link stands for a disk that ignores case
    render(tmp_path, artifacts(API="x\n"))
    if not (tmp_path / "api").exists():
        (tmp_path / "api").hardlink_to(tmp_path / "API")
    assert render(tmp_path, artifacts(api="x\n")).deleted == ()
    assert (tmp_path / "api").read_text() == "x\n"


# the lock


def test_a_merge_conflict_in_the_lock_is_drift_and_a_render_repairs_it(tmp_path: Path) -> None:
    render(tmp_path, TWO)
    theirs = (tmp_path / LOCK_NAME).read_text()
    render(tmp_path, ONE)
    (tmp_path / "api/Dockerfile").write_text(TWO[1].text)
    ours = (tmp_path / LOCK_NAME).read_text()
    (tmp_path / LOCK_NAME).write_text(f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> feature\n")
    three = artifacts(compose_yaml="three\n", api__Dockerfile="FROM three\n")
    assert drift(tmp_path, three) == ["api/Dockerfile", "compose.yaml", LOCK_NAME]
    render(tmp_path, three)
    assert matches(tmp_path, three)
    assert "<<<<" not in (tmp_path / LOCK_NAME).read_text()
    assert drift(tmp_path, three) == []


@pytest.mark.parametrize("content", [b"", b"\0", b"nonsense\n", b"envgen 0.1.0\nfile x\n", b"\xff", b"envgen 9\n"])
def test_a_lock_that_cannot_be_used_stops_render_and_check(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOCK_NAME).write_bytes(content)
    (finding,) = refused(tmp_path, ONE, "EG041", force=True)
    assert finding.file == str(tmp_path / LOCK_NAME)
    assert finding.hint
    with pytest.raises(EnvgenError):
        check(tmp_path, ONE, plan_hash=PLAN, version=VERSION)


def test_an_older_envgen_is_refused_and_a_newer_one_recorded(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    write(tmp_path, TWO, plan_hash=PLAN, version="0.10.0")
    assert "0.10.0" in refused(tmp_path, TWO, "EG041")[0].message
    with pytest.raises(EnvgenError):
        check(tmp_path, TWO, plan_hash=PLAN, version=VERSION)


def test_no_lock_is_read_as_none(tmp_path: Path) -> None:
    assert read_state(tmp_path, (), version=VERSION).lock is None


# where nothing can be written


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a\\b", "a\0b", "", "x/../y", LOCK_NAME, "envgen.yaml", ".git/x", "a\ud800"]
)
def test_a_path_that_escapes_is_refused(tmp_path: Path, path: str) -> None:
    refused(tmp_path, [*ONE, Artifact(path=path, text="")], "EG040", force=True)


def test_all_that_is_wrong_with_the_outputs_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    files = [
        Artifact(path=path, text=text) for path, text in (("a", ""), ("A", ""), ("b", "\ud800"), ("c", ""), ("a", ""))
    ]
    assert len(refused(tmp_path, files, "EG040")) == 4


def test_what_is_no_file_and_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "circle2").symlink_to("circle2")
    files = artifacts(folder="", file__x="", fifo="", circle="", circle2__x="")
    found = refused(tmp_path, files, "EG040", force=True)
    assert {Path(f.file).relative_to(tmp_path).as_posix() for f in found} == {a.path for a in files}


def test_a_folder_or_a_pipe_in_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).mkdir()
    refused(tmp_path, ONE, "EG040")
    (tmp_path / LOCK_NAME).rmdir()
    os.mkfifo(tmp_path / LOCK_NAME)
    refused(tmp_path, ONE, "EG040")
    with pytest.raises(EnvgenError):
        read_state(tmp_path, (), version=VERSION)


@pytest.mark.parametrize("link", ["compose.yaml", "api", LOCK_NAME])
@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_written_through_a_symbolic_link_out_of_the_project(
    tmp_path: Path,
    link: str,
    exists: bool,  # noqa: FBT001
) -> None:
    root, outside = tmp_path / "root", tmp_path / "rootside"
    root.mkdir()
    if exists:
        outside.mkdir() if link == "api" else outside.write_text("one\n")
    (root / link).symlink_to(outside)
    refused(root, ONE, "EG040", force=True)
    assert not exists or link != "api" or names(outside) == set()


def test_a_symbolic_link_within_the_project_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "compose.yaml").symlink_to("deploy/compose.yaml")
    (tmp_path / "api").symlink_to("deploy")
    (tmp_path / LOCK_NAME).symlink_to("deploy/lock")
    for files in (ONE, TWO):
        render(tmp_path, files)
        assert matches(tmp_path, files)
        assert drift(tmp_path, files) == []
    assert (tmp_path / "compose.yaml").is_symlink()
    assert (tmp_path / LOCK_NAME).is_symlink()
    assert names(tmp_path / "deploy") == {"compose.yaml", "Dockerfile", "lock"}


def test_the_target_of_a_symbolic_link_is_foreign_like_any_file(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine\n")
    (tmp_path / "compose.yaml").symlink_to("mine")
    refused(tmp_path, ONE, "EG042")


def test_a_symbolic_link_to_the_spec_or_to_another_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "envgen.yaml").write_text("envgen: 1\n")
    (tmp_path / "compose.yaml").symlink_to("envgen.yaml")
    refused(tmp_path, ONE, "EG040", force=True)
    (tmp_path / "compose.yaml").unlink()
    (tmp_path / "compose.yaml").symlink_to("api/Dockerfile")
    refused(tmp_path, ONE, "EG040", force=True)


def test_a_root_that_is_not_there_is_an_error_with_its_path(tmp_path: Path) -> None:
    for root in (tmp_path / "nowhere", tmp_path / "file"):
        (tmp_path / "file").write_text("")
        with pytest.raises(EnvgenError, match=root.name) as caught:
            render(root, ONE)
        assert caught.value.findings[0].code == "EG040"


# failing disks and dying processes


SCRIPT = """
import os, random, resource, signal, sys
from pathlib import Path
from envgen.artifact import Artifact
from envgen.finding import EnvgenError
from envgen.write import write

def files(text, *extra):
    return [Artifact(path=p, text=f"{text} {p}\\n" * 300) for p in ("a", "b", "sub/c", "new/d", *extra)]

PLANS = {"one": files("one", "old/one"), "two": files("two", "old/two")}

def render(name):
    return write(Path(sys.argv[1]), PLANS[name], plan_hash="sha256:" + name, version="0.1.0")

def main():
"""


def child(root: Path, body: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process that runs `body` after SCRIPT."""
    script = SCRIPT + "".join(f"    {line}\n" for line in body.splitlines()) + "main()\n"
    return subprocess.Popen(
        [sys.executable, "-S", "-c", script, str(root), *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def plan_files(name: str) -> list[Artifact]:
    paths = ("a", "b", "sub/c", "new/d", f"old/{name}")
    return [Artifact(path=path, text=f"{name} {path}\n" * 300) for path in paths]


def assert_whole(root: Path) -> None:
    """Each file is old or new, and the lock, where there is one, can be read and knows it."""
    lock = read_state(root, (), version="0.1.0").lock
    for path in names(root):
        if Path(path).name.startswith(".envgen-tmp-") or path == LOCK_NAME:
            continue
        text = (root / path).read_text()
        assert text in {f"{name} {path}\n" * 300 for name in ("one", "two")}
        assert lock is not None
        assert digest(text) in lock.hashes()[path]


def assert_next_render_goes_through(root: Path, name: str) -> None:
    files = plan_files(name)
    write(root, files, plan_hash=f"sha256:{name}", version="0.1.0")
    assert names(root) == {*(a.path for a in files), LOCK_NAME}
    assert matches(root, files)
    assert check(root, files, plan_hash=f"sha256:{name}", version="0.1.0") == ()


# kills itself at the n-th time that it opens, renames or removes something in the project
DIE_AT = """
left = int(sys.argv[3])
def hook(event, arguments):
    nonlocal left
    if event in {"open", "os.rename", "os.remove", "os.mkdir"} and sys.argv[1] in str(arguments[0]):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
render(sys.argv[2])
"""


@pytest.mark.parametrize("before", ["nothing", "one"])
def test_a_kill_at_any_step_leaves_each_file_old_or_new_and_the_next_render_goes_through(
    tmp_path: Path, before: str
) -> None:
    steps = []
    for step in range(1, 100):
        root = tmp_path / str(step)
        root.mkdir()
        if before == "one":
            assert_next_render_goes_through(root, "one")
        code, output = finished(child(root, DIE_AT, "two", str(step)))
        assert code in {0, -signal.SIGKILL}, output
        steps.append((root / "a").exists() and "two" in (root / "a").read_text())
        assert_whole(root)
        assert_next_render_goes_through(root, ("one", "two")[step % 2])
        if code == 0:
            break
    assert len(steps) > 15
    assert steps == sorted(steps)
    assert set(steps) == {False, True}


def test_a_kill_at_a_random_moment_of_a_loop_leaves_each_file_old_or_new(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    assert_next_render_goes_through(tmp_path, "one")
    body = "print(flush=True)\nwhile True:\n    render('two')\n    render('one')\n"
    unfinished = 0
    for _ in range(40):
        process = child(tmp_path, body)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() / 50)
        process.kill()
        assert finished(process) == (-signal.SIGKILL, "")
        assert_whole(tmp_path)
        lock = read_state(tmp_path, (), version="0.1.0").lock
        unfinished += bool(lock and lock.unfinished)
        if chance.random() < 0.5:
            assert_next_render_goes_through(tmp_path, chance.choice(("one", "two")))
    assert unfinished
    assert_next_render_goes_through(tmp_path, "two")


def test_an_interrupted_render_is_named_as_the_cause(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    text = (tmp_path / LOCK_NAME).read_text()
    (tmp_path / LOCK_NAME).write_text(text.replace("plan", "unfinished\nplan"))
    (finding,) = check(tmp_path, ONE, plan_hash=PLAN, version=VERSION)
    assert "interrupted" in finding.message


def test_concurrent_renders_of_different_plans_wait_for_each_other(tmp_path: Path) -> None:
    body = "print(flush=True)\nsys.stdin.readline()\nfor _ in range(50):\n    render(sys.argv[2])"
    processes = [child(tmp_path, body, name) for name in ("one", "two")]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        assert finished(process) == (0, "")
    assert_whole(tmp_path)
    assert any(
        check(tmp_path, plan_files(name), plan_hash=f"sha256:{name}", version="0.1.0") == () for name in ("one", "two")
    )
    assert_next_render_goes_through(tmp_path, "one")


def test_a_render_that_never_ends_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envgen.write, "_PATIENCE", 0.05)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert "another render" in refused(tmp_path, ONE, "EG040")[0].message
    finally:
        os.close(descriptor)


def test_a_render_waits_for_another_one(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    timer = threading.Timer(0.1, os.close, (descriptor,))
    timer.start()
    render(tmp_path, ONE)
    assert timer.finished.is_set()
    timer.join()


def test_a_file_system_without_locks_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    render(tmp_path, ONE)
    assert drift(tmp_path, ONE) == []


def test_what_a_killed_render_left_is_tidied_up_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    mine = {
        ".envgen-tmp-",
        ".envgen-tmp-0123",
        ".envgen-tmp-0123456789ABCDEF",
        "x.envgen-tmp-0123456789abcdef",
        "a.tmp",
    }
    for name in mine | {".envgen-tmp-0123456789abcdef", "api/.envgen-tmp-fedcba9876543210"}:
        (tmp_path / name).write_text("x")
    (tmp_path / ".envgen-tmp-00000000000000aa").symlink_to("a.tmp")
    (tmp_path / ".envgen-tmp-00000000000000bb").mkdir()
    render(tmp_path, ONE)
    assert names(tmp_path) == mine | {".envgen-tmp-00000000000000aa", "compose.yaml", "api/Dockerfile", LOCK_NAME}
    assert (tmp_path / ".envgen-tmp-00000000000000bb").is_dir()


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("mounting a file system needs root on Linux")
    root = tmp_path / "disk"
    root.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", root], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not permitted: {done.stderr.decode().strip()}")
    yield root
    subprocess.run(["umount", root], check=True)


def test_a_full_disk_leaves_all_as_it_was(mounted: Path) -> None:
    render(mounted, ONE)
    big = artifacts(compose_yaml="three\n", api__Dockerfile="FROM big\n" * 10_000, new__file="x\n")
    (finding,) = refused(mounted, big, "EG040")
    assert finding.file == str(mounted / "api/Dockerfile")
    assert finding.message == "the file can't be written: No space left on device"


def test_a_read_only_disk_leaves_all_as_it_was(mounted: Path) -> None:
    render(mounted, ONE)
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    (finding,) = refused(mounted, TWO, "EG040")
    assert finding.message == "the file can't be written: Read-only file system"
    assert drift(mounted, TWO) == ["api/Dockerfile", "compose.yaml"]
    assert render(mounted, ONE).written == ()


def test_a_limit_on_file_sizes_leaves_all_as_it_was(tmp_path: Path) -> None:
    assert_next_render_goes_through(tmp_path, "one")
    before = tree(tmp_path)
    body = (
        "PLANS['two'][2:2] = [Artifact(path='more/big', text='x' * 100_000)]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n    render('two')\nexcept EnvgenError as error:\n    print(error)\n"
    )
    code, output = finished(child(tmp_path, body))
    assert (code, output) == (0, f"{tmp_path}/more/big:1:1: the file can't be written: File too large\n")
    assert tree(tmp_path) == before


RENDER_AS_NOBODY = """
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    render('two')
except EnvgenError as error:
    print(error)
"""


def test_a_file_that_cannot_be_read_is_foreign() -> None:
    # beside tmp_path, which another user can't enter
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o777)
        (root / "a").write_text("secret")
        (root / "a").chmod(0)
        code, output = finished(child(root, RENDER_AS_NOBODY))
        assert (code, names(root)) == (0, {"a"})
        assert output.endswith("envgen didn't write it; it can't be read (Permission denied)\n")


@pytest.mark.parametrize("locked", [".", "sub"])
def test_a_folder_without_write_permission_leaves_all_as_it_was(locked: str) -> None:
    # beside tmp_path, which another user can't enter
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        assert_next_render_goes_through(root, "one")
        for path in (root, *root.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        (root / locked).chmod(0o555)
        before = tree(root)
        code, output = finished(child(root, RENDER_AS_NOBODY))
        assert code == 0
        assert output.endswith("the file can't be written: Permission denied\n")
        assert output.startswith(str(root / locked))
        assert tree(root) == before
        (root / locked).chmod(0o777)


def test_each_file_and_folder_is_synced_so_that_a_power_cut_is_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[str, int]] = []
    fsync, replace = os.fsync, Path.replace

    def recording_fsync(descriptor: int) -> None:
        events.append(("sync", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def recording_replace(self: Path, target: Path) -> Path:
        assert ("sync", self.stat().st_ino) in events
        events.append((target.name, target.parent.stat().st_ino))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", recording_fsync)
    monkeypatch.setattr(Path, "replace", recording_replace)
    render(tmp_path, ONE)
    root, api = ("sync", tmp_path.stat().st_ino), ("sync", (tmp_path / "api").stat().st_ino)
    moves = [i for i, event in enumerate(events) if event[0] != "sync"]
    assert [events[i][0] for i in moves] == [LOCK_NAME, "Dockerfile", "compose.yaml", LOCK_NAME]
    assert root in events[moves[0] : moves[1]], "the interim lock is safe before the first file is replaced"
    assert {root, api} <= set(events[moves[2] : moves[3]]), "the files are safe before the lock says so"
    assert root in events[moves[3] :]


def test_a_failure_while_files_are_replaced_is_mended_by_the_next_render(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path, ONE)
    replace = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if target.name == "compose.yaml":
            raise OSError(16, "Device or resource busy")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", busy)
        with pytest.raises(EnvgenError, match=r"compose\.yaml:1:1: .* busy"):
            render(tmp_path, TWO)
    assert names(tmp_path) == {a.path for a in ONE} | {LOCK_NAME}
    assert matches(tmp_path, [ONE[0], TWO[1]])
    render(tmp_path, artifacts(compose_yaml="three\n", api__Dockerfile="FROM three\n"))


def test_a_lock_line_for_a_file_elsewhere_deletes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "x").write_text("x\n")
    (root / LOCK_NAME).write_text(format_lock(Lock(version=VERSION, plan=PLAN, files={"../x": digest("x\n")})))
    refused(root, ONE, "EG041")
    assert (tmp_path / "x").exists()


def test_the_written_lock_is_what_format_lock_makes_of_it(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    text = (tmp_path / LOCK_NAME).read_text()
    assert format_lock(parse_lock(text, "")) == text
