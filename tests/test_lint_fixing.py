"""envgen.lint.fixing and .rewrite: what is fixed, what is left alone, and what reaches the disk."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.finding import Edit, EnvgenError, Finding, Fix, Severity
from envgen.lint.files import Kind, LintFile
from envgen.lint.fixing import Fixed, Relint, apply, fix
from envgen.lint.rewrite import Rewrite, rewrites, write


def finding(code: str, at: tuple[int, int], width: int, text: str, *, safe: bool = True) -> Finding:
    line, column = at
    edits = (Edit(line, column, line, column + width, text),)
    return Finding(
        code=code, severity=Severity.STYLE, file="f", line=line, column=column, message="m", fix=Fix(edits, safe)
    )


def linter(*rules: tuple[str, str, bool, str]) -> Relint:
    """A linter that has something against each of some words, and knows what to write instead."""

    def relint(text: str) -> Sequence[Finding]:
        return [
            finding(code, (number, match.start() + 1), len(old), new, safe=safe)
            for number, line in enumerate(text.split("\n"), 1)
            for old, new, safe, code in rules
            for match in re.finditer(re.escape(old), line)
        ]

    return relint


SAFE = ("bad", "good", True, "A")
UNSAFE = ("risky", "sure", False, "B")


def test_every_safe_fix_is_taken_and_unsafe_ones_on_request() -> None:
    relint = linter(SAFE, UNSAFE)
    text = "bad x bad\nrisky\n"
    assert fix(text, relint) == Fixed("good x good\nrisky\n", 2)
    assert fix(text, relint, unsafe=True) == Fixed("good x good\nsure\n", 3)


def test_a_fix_that_leaves_its_finding_is_not_taken() -> None:
    relint = linter(("bad", "bad!", True, "A"))
    assert fix("bad", relint) == Fixed("bad", 0)


def test_a_fix_that_brings_another_finding_is_not_taken_but_the_others_are() -> None:
    relint = linter(SAFE, ("worse", "other", True, "C"), ("other-", "fine", True, "D"))
    assert fix("bad worse- bad", relint) == Fixed("good worse- good", 2)


def test_two_rules_that_undo_each_other_change_nothing_for_ever() -> None:
    relint = linter(("ping", "pong", True, "A"), ("pong", "ping", True, "A"))
    assert fix("ping", relint) == Fixed("ping", 0)


def test_fixes_that_overlap_have_their_turn_one_after_the_other() -> None:
    relint = linter(("abc", "ac", True, "A"), ("cd", "d", True, "B"))
    assert fix("abcd", relint).text == "ad"


def test_nothing_to_fix() -> None:
    assert fix("x", lambda _: ()) == Fixed("x", 0)
    no_fix = Finding(code="A", severity=Severity.STYLE, file="f", line=1, column=1, message="m")
    assert fix("x", lambda _: (no_fix,)) == Fixed("x", 0)


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        ("a\nb\nc\n", Edit(2, 1, 3, 1, ""), "a\nc\n"),
        ("a\nb", Edit(2, 1, 3, 1, ""), "a\n"),
        ("a\r\nb\r\n", Edit(1, 2, 1, 2, "\nx"), "a\r\nx\r\nb\r\n"),
        ("a\r\nb\r\nc\r\n", Edit(2, 1, 3, 1, ""), "a\r\nc\r\n"),
        ("grün", Edit(1, 3, 1, 4, "ue"), "gruen"),
        ("ab", Edit(1, 2, 1, 99, ""), "a"),
        ("ab", Edit(9, 1, 9, 9, "!"), "ab!"),
    ],
)
def test_where_an_edit_goes(text: str, edit: Edit, expected: str) -> None:
    assert apply(text, [edit]) == expected


@given(st.text("ab \n", max_size=30))
def test_fixing_twice_is_fixing_once_and_changes_only_what_was_found(text: str) -> None:
    relint = linter(("a", "c", True, "A"), ("bb", "b", True, "B"))
    once = fix(text, relint)
    assert fix(once.text, relint).text == once.text
    assert once.text.count("\n") == text.count("\n")
    assert "a" not in once.text


# on disk


def rewritten(path: Path, text: str | None = None) -> list[Rewrite]:
    file = LintFile(str(path), text if text is not None else path.read_text("utf-8-sig"), Kind.DOCKERFILE)
    lint = linter(SAFE)

    def one(file: LintFile) -> list[Finding]:
        return [replace(found, file=file.path) for found in lint(file.text)]

    return list(rewrites([file], one, unsafe=False))


def test_a_file_keeps_its_mode_its_mark_and_its_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"\xef\xbb\xbfbad\r\nx\r\n")
    path.chmod(0o640)
    write(rewritten(path, "bad\r\nx\r\n"))
    assert path.read_bytes() == b"\xef\xbb\xbfgood\r\nx\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["Dockerfile"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("bad\n")
    link = tmp_path / "Dockerfile"
    link.symlink_to("real")
    write(rewritten(link))
    assert link.is_symlink()
    assert (tmp_path / "real").read_text() == "good\n"


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("bad\n")
    found = rewritten(path)
    path.write_text("bad\nnew\n")
    with pytest.raises(EnvgenError, match="has changed"):
        write(found)
    assert path.read_text() == "bad\nnew\n"


def test_a_file_that_went_away_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("bad\n")
    found = rewritten(path)
    path.unlink()
    with pytest.raises(EnvgenError, match="can't be written"):
        write(found)


def test_the_diff_is_one_that_patch_takes() -> None:
    assert Rewrite("d/Dockerfile", "a\nbad", "a\ngood", 1).diff == (
        "--- a/d/Dockerfile\n+++ b/d/Dockerfile\n@@ -1,2 +1,2 @@\n a\n"
        "-bad\n\\ No newline at end of file\n+good\n\\ No newline at end of file\n"
    )


def test_a_file_with_nothing_to_fix_is_no_rewrite(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("fine\n")
    assert rewritten(path) == []
