import difflib
from pathlib import Path

import pytest

from envgen.artifact import LOCK_NAME, Artifact
from envgen.drift import (
    Action,
    Change,
    Content,
    Decision,
    Snapshot,
    State,
    decide,
    drift_findings,
    interim_lock,
    refusals,
)
from envgen.lock import Lock, digest, format_lock, parse_lock

NEW = Artifact(path="compose.yaml", text="a\nnew\nc\n", origin=("services", "api"))
OLD = "a\nold\nc\n"
ROOT = Path("shop")


def locked(*, plan: str = "sha256:1", version: str = "0.1.0", **files: str) -> Lock:
    hashes = {path.replace("_", "."): digest(text) for path, text in files.items()}
    return Lock(version=version, plan=plan, files=hashes)


def decided(lock: Lock | None, *artifacts: Artifact, force: bool = False, **disk: str | Content) -> Decision:
    files = {p.replace("_", "."): Content(text=c) if isinstance(c, str) else c for p, c in disk.items()}
    if lock is not None:
        files[LOCK_NAME] = Content(text=format_lock(lock))
    snapshot = Snapshot(lock=lock, files=files)
    return decide(artifacts, snapshot, plan_hash="sha256:1", version="0.1.0", force=force)


def change_of(decision: Decision, path: str = NEW.path) -> Change:
    (change,) = (change for change in decision.changes if change.path == path)
    return change


def kind(decision: Decision, path: str = NEW.path) -> tuple[str, str]:
    change = change_of(decision, path)
    return change.state, change.action


def test_a_missing_file_is_written() -> None:
    assert kind(decided(None, NEW)) == ("missing", "write")


def test_a_file_that_equals_the_render_is_ours_even_without_a_lock() -> None:
    assert kind(decided(None, NEW, compose_yaml=NEW.text)) == ("same", "keep")


def test_a_recorded_render_is_ours_and_replaced() -> None:
    assert kind(decided(locked(compose_yaml=OLD), NEW, compose_yaml=OLD)) == ("ours", "write")


def test_a_file_that_is_neither_is_edited_if_recorded_and_foreign_if_not() -> None:
    assert kind(decided(locked(compose_yaml=OLD), NEW, compose_yaml="mine\n")) == ("edited", "refuse")
    assert kind(decided(locked(other=OLD), NEW, compose_yaml=OLD)) == ("foreign", "refuse")
    assert kind(decided(None, NEW, compose_yaml=OLD)) == ("foreign", "refuse")


def test_force_writes_what_is_refused_otherwise() -> None:
    assert kind(decided(locked(compose_yaml=OLD), NEW, force=True, compose_yaml="mine\n")) == ("edited", "write")
    assert kind(decided(None, NEW, force=True, compose_yaml=OLD)) == ("foreign", "write")


def test_a_file_without_readable_text_is_foreign() -> None:
    opaque = Content(text=None, note="is binary")
    decision = decided(locked(other="x"), NEW, compose_yaml=opaque)
    assert kind(decision) == ("foreign", "refuse")
    assert "is binary" in change_of(decision).cause
    assert change_of(decision).diff == "a/compose.yaml and b/compose.yaml differ: the first is binary\n"


def test_an_unmodified_left_over_is_deleted() -> None:
    assert kind(decided(locked(old_yaml=OLD), NEW, old_yaml=OLD), "old.yaml") == ("ours", "delete")


@pytest.mark.parametrize("force", [False, True])
def test_an_edited_left_over_is_kept_even_with_force_and_leaves_the_lock(force: bool) -> None:  # noqa: FBT001
    decision = decided(locked(old_yaml=OLD), NEW, force=force, old_yaml="mine\n")
    assert kind(decision, "old.yaml") == ("edited", "keep")
    assert change_of(decision, "old.yaml").diff == ""
    assert "old.yaml" not in decision.lock.files


def test_a_left_over_that_is_gone_already_only_leaves_the_lock() -> None:
    decision = decided(locked(old_yaml=OLD, compose_yaml=NEW.text), NEW, compose_yaml=NEW.text)
    assert [change.path for change in decision.changes] == ["compose.yaml", LOCK_NAME]
    assert change_of(decision, LOCK_NAME).cause == "it doesn't say what is rendered now of old.yaml"


def test_nothing_to_do_leaves_the_lock_as_it_is_also_for_another_plan_or_a_newer_envgen() -> None:
    for lock in (locked(compose_yaml=NEW.text), locked(compose_yaml=NEW.text, plan="sha256:0", version="0.0.9")):
        decision = decided(lock, NEW, compose_yaml=NEW.text)
        assert [(c.state, c.action) for c in decision.changes] == [(State.SAME, Action.KEEP)]
        assert decision.lock is lock
        assert drift_findings(decision.changes, ROOT) == ()


def test_a_change_of_case_finds_the_recorded_hash() -> None:
    assert kind(decided(locked(Compose_yaml=OLD), NEW, compose_yaml=OLD)) == ("ours", "write")


CAUSES = {
    "never rendered": (None, None, "it was never rendered (envgen.lock is missing)"),
    "lost lock": (None, OLD, "envgen.lock is missing, and without it nothing says that envgen wrote this file"),
    "foreign": (locked(other=OLD), OLD, "envgen didn't write it (it isn't in envgen.lock)"),
    "deleted": (locked(compose_yaml=NEW.text), None, "it was deleted"),
    "new in the spec": (locked(plan="sha256:0", other=OLD), None, "the spec, or a file that it names, changed"),
    "edited": (locked(compose_yaml=NEW.text), "mine\n", "it was edited by hand"),
    "edited and changed": (
        locked(plan="sha256:0", compose_yaml=OLD),
        "mine\n",
        "it was edited by hand; besides, the spec, or a file that it names, changed",
    ),
    "conflict": (locked(compose_yaml=NEW.text), "a\n<<<<<<< HEAD\n", "it holds a merge conflict"),
    "spec": (locked(plan="sha256:0", compose_yaml=OLD), OLD, "the spec, or a file that it names, changed"),
    "envgen": (locked(version="0.0.9", compose_yaml=OLD), OLD, "envgen 0.0.9 rendered last, and this is 0.1.0"),
    "both": (
        locked(version="0.0.9", plan="sha256:0", compose_yaml=OLD),
        OLD,
        "the spec, or a file that it names, changed; envgen 0.0.9 rendered last, and this is 0.1.0",
    ),
    "template": (locked(compose_yaml=OLD), OLD, "a template, or a file that envgen reads, changed"),
    "killed": (
        Lock(version="0.1.0", plan="", files={NEW.path: digest(OLD)}, unfinished=True),
        OLD,
        "the last render was interrupted",
    ),
    "merged": (
        Lock(version="0.1.0", plan="", files={NEW.path: digest(OLD)}, merged=True),
        OLD,
        "the lock holds both sides of a merge",
    ),
}


@pytest.mark.parametrize(("lock", "text", "cause"), CAUSES.values(), ids=CAUSES.keys())
def test_each_cause_is_named(lock: Lock | None, text: str | None, cause: str) -> None:
    decision = decided(lock, NEW) if text is None else decided(lock, NEW, compose_yaml=text)
    assert change_of(decision).cause == cause
    finding = drift_findings(decision.changes, ROOT)[0]
    assert (finding.code, finding.file, finding.column) == ("EG043", "shop/compose.yaml", 1)
    assert f": {cause} (services.api in the spec asks for it)" in finding.message


LOCK_CAUSES = {
    "missing": (None, "it is missing"),
    "conflict": (
        parse_lock(f"envgen 0.1.0\n<<<<<<< a\nfile compose.yaml {digest(NEW.text)}\n=======\n>>>>>>> b\n", ""),
        "it holds both sides of a merge",
    ),
    "killed": (
        Lock(version="0.1.0", plan="", files={NEW.path: digest(NEW.text)}, unfinished=True),
        "the last render was interrupted",
    ),
    "changed": (locked(compose_yaml=OLD), "it doesn't say what is rendered now of compose.yaml"),
    "line deleted": (locked(), "it doesn't say what is rendered now of compose.yaml"),
}


@pytest.mark.parametrize(("lock", "cause"), LOCK_CAUSES.values(), ids=LOCK_CAUSES.keys())
def test_a_lock_that_is_not_what_would_be_written_is_drift_of_its_own(lock: Lock | None, cause: str) -> None:
    decision = decided(lock, NEW, compose_yaml=NEW.text)
    (finding,) = drift_findings(decision.changes, ROOT)
    assert finding.file == "shop/envgen.lock"
    assert finding.message.endswith(cause)
    assert decision.lock.files == {NEW.path: digest(NEW.text)}
    assert (decision.lock.merged, decision.lock.unfinished, decision.lock.also) == (False, False, {})


def test_a_lock_that_only_follows_a_changed_file_is_no_finding_of_its_own() -> None:
    decision = decided(locked(compose_yaml=OLD), NEW, compose_yaml=OLD)
    assert [f.file for f in drift_findings(decision.changes, ROOT)] == ["shop/compose.yaml"]
    assert decision.changes[-1].path == LOCK_NAME


def test_left_overs_are_drift_and_say_what_a_render_does() -> None:
    decision = decided(locked(a=OLD, b=OLD, compose_yaml=NEW.text), NEW, a=OLD, b="mine\n", compose_yaml=NEW.text)
    unmodified, edited = drift_findings(decision.changes, ROOT)
    assert unmodified.message == "the file is left over from an earlier render: the plan has no such output any more"
    assert "deletes" in (unmodified.hint or "")
    assert edited.message.endswith("no such output any more, and it was edited by hand")
    assert "leaves the file to you" in (edited.hint or "")


def test_refusals_name_every_file_at_once_with_what_to_do() -> None:
    other = Artifact(path="b/x", text="x\n")
    snapshot = Snapshot(lock=None, files={"b/x": Content(text="1\n"), NEW.path: Content(text="2\n")})
    decision = decide((NEW, other), snapshot, plan_hash="p", version="0.1.0")
    findings = refusals(decision.changes, ROOT)
    assert [(f.code, f.file) for f in findings] == [("EG042", "shop/b/x"), ("EG042", "shop/compose.yaml")]
    assert all("--force" in (f.hint or "") and "--diff" in (f.hint or "") for f in findings)


@pytest.mark.parametrize(
    ("disk", "line", "excerpt"),
    [("a\nold\nc\n", 2, "old"), ("a\n", 1, "a"), ("a\nnew\nc\nd\n", 4, "d"), ("", 1, ""), ("a\nnew\nc", 3, "c")],
)
def test_a_finding_points_to_the_first_line_that_differs(disk: str, line: int, excerpt: str) -> None:
    (finding, *_) = drift_findings(decided(locked(compose_yaml=disk), NEW, compose_yaml=disk).changes, ROOT)
    assert (finding.line, finding.excerpt, finding.width) == (line, excerpt, max(1, len(excerpt)))


def test_the_diff_is_unified_and_goes_from_the_disk_to_the_render() -> None:
    diff = change_of(decided(locked(compose_yaml=OLD), NEW, compose_yaml=OLD)).diff
    assert diff == "--- a/compose.yaml\n+++ b/compose.yaml\n@@ -1,3 +1,3 @@\n a\n-old\n+new\n c\n"


def test_the_diff_of_a_new_and_of_a_deleted_file_is_against_nothing() -> None:
    decision = decided(locked(old="x\n"), NEW, old="x\n")
    assert change_of(decision).diff.startswith("--- /dev/null\n+++ b/compose.yaml\n@@ -0,0 +1,3 @@\n+a\n")
    assert change_of(decision, "old").diff == "--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"


def test_the_diff_of_an_unchanged_file_is_empty() -> None:
    assert change_of(decided(None, NEW, compose_yaml=NEW.text)).diff == ""


def test_the_diff_shows_a_missing_last_line_end_and_splits_lines_only_where_yaml_does() -> None:
    diff = change_of(decided(None, NEW, compose_yaml="a\nnew\u2028c\x0b")).diff
    assert "-new\u2028c\x0b\n\\ No newline at end of file\n" in diff


def test_a_diff_of_very_long_files_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(difflib, "unified_diff")
    diff = change_of(decided(None, NEW, compose_yaml="x\n" * 30_000)).diff
    assert diff == "a/compose.yaml and b/compose.yaml differ: too long to compare line by line\n"


def test_the_interim_lock_knows_every_file_old_and_new() -> None:
    old = Lock(
        version="0.1.0",
        plan="sha256:0",
        files={"compose.yaml": digest("1"), "gone": digest("g"), "edited": digest("e")},
        also={"compose.yaml": frozenset({digest("2")})},
    )
    decision = decided(old, NEW, Artifact(path="new", text="n"), compose_yaml="2", gone="g", edited="mine")
    interim = parse_lock(format_lock(interim_lock(decision, old)), "")
    assert interim.unfinished
    assert interim.hashes() == {
        "compose.yaml": {digest("1"), digest("2"), digest(NEW.text)},
        "gone": {digest("g")},
        "edited": {digest("e")},
        "new": {digest("n")},
    }


def test_the_interim_lock_of_a_forced_render_knows_what_the_user_gave_up() -> None:
    decision = decided(None, NEW, force=True, compose_yaml="mine")
    assert interim_lock(decision, None).hashes() == {"compose.yaml": {digest("mine"), digest(NEW.text)}}
