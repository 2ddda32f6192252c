from datetime import date

import pytest

from envgen.finding import Finding, Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.engine import Tools, lint
from envgen.lint.files import Kind, LintFile
from envgen.lint.ignore.comments import suppressions
from envgen.lint.place import Place
from envgen.lint.rule import Rule, Violation, compose_rule, dockerfile_rule
from envgen.lint.selection import Run, select
from envgen.lint.settings import Settings

TODAY = date(2026, 11, 23)


def every_line(code: str, name: str, *, same_as: tuple[str, ...] = ()) -> Rule:
    """A rule that finds something in every line of a Dockerfile that holds an x."""

    @dockerfile_rule(code, name, Severity.ERROR, same_as=same_as)
    def rule(file: Dockerfile):  # type: ignore[no-untyped-def]  # noqa: ANN202
        for number, line in enumerate(file.lines, 1):
            if "x" in line.partition("#")[0]:
                yield Violation(place=Place(number), message="m")

    return rule


ONE = every_line("EG150", "no-x", same_as=("hadolint/DL3999", "buildkit/NoX"))
TWO = every_line("EG151", "never-x")
IN_COMPOSE = compose_rule("EG299", "no-compose", Severity.ERROR, same_as=("dclint/no-x", "hadolint/DL3998"))(
    lambda compose: iter([Violation(place=Place(2), message=compose.path)])
)


def said(text: str, *, kind: Kind = Kind.DOCKERFILE, settings: Settings | None = None) -> list[Finding]:
    path = {Kind.DOCKERFILE: "Dockerfile", Kind.COMPOSE: "compose.yaml"}[kind]
    tools = Tools(hadolint=None, rules=[ONE, TWO, IN_COMPOSE])
    found = lint([LintFile(path, text, kind)], today=TODAY, tools=tools, settings=lambda _: settings or Settings())
    return [finding for finding in found if finding.code != "EG151" or "EG151" in text or "never-x" in text]


def places(text: str, *, kind: Kind = Kind.DOCKERFILE) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in said(text, kind=kind)]


@pytest.mark.parametrize(
    "comment",
    [
        "# envgen: ignore=EG150",
        "# envgen: ignore=EG150 (we move in spring)",
        "# envgen: ignore=no-x",
        "# envgen: ignore=eg150",
        "#envgen:ignore=EG150",
        "# envgen: ignore=EG15*",
        "# envgen: ignore=DL3999",
        "# envgen: ignore=EG150 until=2026-11-23",
        "# envgen: ignore=EG150 (in spring, until=2027-03-01)",
        "# envgen: ignore=EG150 (in spring) until=2027-03-01",
        "# noqa # envgen: ignore=EG150",
        "# hadolint ignore=DL3999",
        "#hadolint ignore=SC2086,DL3999 # whatever",
        "# check=skip=NoX",
        "# check=skip=Other,NoX // with a reason",
        "# check=skip=all",
    ],
)
def test_a_comment_above_an_instruction_silences_all_its_lines(comment: str) -> None:
    text = "FROM a\n{}\nRUN x && \\\n  # envgen is silent\n  x\nRUN y\n"
    assert places(text.format("# nothing")) == [(3, "EG150"), (5, "EG150")]
    assert places(text.format(comment)) == []
    assert places(text.format(f"  {comment}\n# another comment")) == []
    assert places(text.format(f"{comment}\n")) != []


@pytest.mark.parametrize(
    "comment",
    [
        "# envgen: ignore=EG1500",
        "# ignore=EG150",
        "# envgen: ignore=EG150 until=2026-11-22",
        "# envgen: ignore=EG150 (reason, until=2020-01-01)",
        "# envgen: ignore=EG150 (reason) until=2020-01-01",
        "# envgen: ignore=EG150 until=spring",
        "# hadolint ignore=DL3998",
        "# hadolint shell=bash",
        "# check=skip=Y",
        "# check=error=true",
        "# dclint disable",
    ],
)
def test_what_silences_nothing(comment: str) -> None:
    assert (3, "EG150") in places(f"FROM a\n{comment}\nRUN x\n")


def test_a_comment_behind_something_is_about_its_own_line() -> None:
    assert places("FROM a\nRUN x # envgen: ignore=EG150\nRUN x\n") == [(3, "EG150")]


def test_a_comment_inside_an_instruction_is_about_the_next_line() -> None:
    assert places("FROM a\nRUN x && \\\n # envgen: ignore=EG150\n x && \\\n x\n") == [(2, "EG150"), (5, "EG150")]


@pytest.mark.parametrize(
    ("rule", "left"), [("EG150", []), ("no-x", []), ("EG15*", ["DL3999"]), ("EG151", ["DL3999"]), ("DL3999", [])]
)
def test_our_name_for_a_rule_silences_hadolints_for_the_same(rule: str, left: list[str]) -> None:
    text = f"# envgen: ignore={rule}\nRUN x\n"
    finding = Finding(code="DL3999", severity=Severity.INFO, file="Dockerfile", line=2, column=1, message="m")
    run = Run(
        files=[LintFile("Dockerfile", text, Kind.DOCKERFILE)],
        text_of=lambda _: text,
        find_rules=lambda: [ONE, TWO],
        names=dict,
        ran_hadolint=True,
        today=TODAY,
    )
    assert [one.code for one in select([finding], run) if one.code != "EG060"] == left


def test_comments_add_up() -> None:
    text = "FROM a\n# envgen: ignore=EG150\n# envgen: ignore=EG151\nRUN x\n"
    assert places(text) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# envgen: ignore-file=EG150 (generated)",
        "# hadolint global ignore=DL3999",
        "# check=skip=NoX;error=true",
        "# syntax=docker/dockerfile:1\n# check=error=true;skip=all",
    ],
)
def test_a_comment_about_the_whole_file(comment: str) -> None:
    assert places(f"{comment}\nFROM a\nRUN y\nRUN x\n") == []


def test_a_check_comment_below_the_top_is_about_one_instruction() -> None:
    assert places("# a comment\n# check=skip=NoX\nFROM x\nRUN x\n") == [(4, "EG150")]


@pytest.mark.parametrize(
    ("text", "is_silent"),
    [
        ("services:\n  a: {image: x} # envgen: ignore=EG299 (why)\n", True),
        ("services: # envgen: ignore=EG299 (why)\n  a: {image: x}\n", False),
        ("# envgen: ignore=EG299 (why)\nservices:\n  a: {image: x}\n", True),
        ("services:\n  a: {image: x} # dclint disable-line no-x\n", True),
        ("services:\n  a: {image: x} # dclint disable-line\n", True),
        ("services:\n  a: {image: x} # dclint disable-line other\n", False),
        ("# dclint disable no-x\nservices: {a: {image: x}}\n", True),
        ("# dclint disable-file\nservices: {a: {image: x}}\n", True),
        ("# hadolint global ignore=DL3998\nservices: {a: {image: x}}\n", False),
    ],
)
def test_comments_in_a_compose_file(text: str, is_silent: bool) -> None:  # noqa: FBT001 - an expectation
    found = said(text, kind=Kind.COMPOSE)
    assert ("EG299" not in [finding.code for finding in found]) is is_silent


# what there is to say about comments


def about(text: str, settings: Settings | None = None) -> list[tuple[str, str]]:
    found = said(text, settings=settings)
    return [(finding.code, finding.message) for finding in found if finding.code.startswith("EG06")]


def test_a_comment_that_silences_nothing_is_reported() -> None:
    (finding,) = said("FROM a\n  # envgen: ignore=EG150 (why)\nRUN y\n")
    assert (finding.code, finding.severity, finding.line, finding.column, finding.width) == (
        "EG060",
        Severity.INFO,
        2,
        3,
        28,
    )
    assert finding.message == "there is nothing to silence here for `eg150`"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM a\n# envgen: ignore=EG150 (why)\nRUN y\n", "FROM a\nRUN y\n"),
        ("FROM a\nRUN y  # envgen: ignore=no-x\nRUN y\n", "FROM a\nRUN y\nRUN y\n"),
        ("FROM a\n# envgen: ignore=EG150, never-x,EG150 (w)\nRUN y\n", "FROM a\nRUN y\n"),
        ("FROM a\n# envgen: ignore=privileged, EG150 (w)\nRUN y\n", "FROM a\n# envgen: ignore=privileged (w)\nRUN y\n"),
        ("FROM a\n# envgen: ignore=EG150 and more\nRUN y\n", None),
        ("FROM a\nRUN y\n# envgen: ignore=EG150", None),
    ],
)
def test_the_fix_takes_out_what_silences_nothing(before: str, after: str | None) -> None:
    (finding,) = said(before)
    assert finding.code == "EG060"
    if after is None:
        assert finding.fix is None
        return
    assert finding.fix is not None
    assert finding.fix.safe
    (edit,) = finding.fix.edits
    lines = before.split("\n")
    start = sum(len(line) + 1 for line in lines[: edit.line - 1]) + edit.column - 1
    end = sum(len(line) + 1 for line in lines[: edit.end_line - 1]) + edit.end_column - 1
    assert before[:start] + edit.text + before[end:] == after
    assert about(after) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# envgen: ignore=DL3006",  # hadolint doesn't run here
        "# envgen: ignore=privileged",  # rules about compose files say nothing about Dockerfiles
        "# envgen: ignore=EG060,EG150 (kept for the next person)",
        "# hadolint ignore=DL3999",
        "# check=skip=NoX",
    ],
)
def test_comments_that_nobody_can_say_are_unused(comment: str) -> None:
    assert about(f"FROM a\n{comment}\nRUN y\n") == []


def test_in_a_file_that_can_not_be_read_no_comment_is_unused() -> None:
    assert places("FROM a\n# envgen: ignore=EG150\nRUN <<E\n") == [(3, "EG130")]


@pytest.mark.parametrize(
    ("comment", "code", "message"),
    [
        ("# envgen: ignore=no-y", "EG063", "there is no rule `no-y`"),
        ("# envgen: ignore=EG998,EG150", "EG063", "there is no rule `eg998`"),
        ("# envgen: ignore", "EG063", "a comment that silences rules looks like `# envgen: ignore=EG203 (reason)`"),
        ("# envgen: ignores=EG150", "EG063", "a comment that silences rules looks like"),
        ("# envgen: ignore=EG150 until=2020-02-31", "EG063", "`2020-02-31` is no day such as 2099-12-31"),
        ("# envgen: ignore=EG150 until=2026-11-22", "EG062", "this comment has silenced nothing since 2026-11-22"),
    ],
)
def test_a_comment_that_does_not_work_is_reported(comment: str, code: str, message: str) -> None:
    ((found, text),) = about(f"FROM a\n{comment}\nRUN x\n")
    assert found == code
    assert text.startswith(message)


def test_an_unknown_rule_has_its_place_and_a_hint() -> None:
    found = said("FROM a\n# envgen: ignore=EG150, never-xx\nRUN x\n")
    (finding,) = [one for one in found if one.code == "EG063"]
    assert (finding.line, finding.column, finding.width) == (2, 25, 8)
    assert finding.hint == "did you mean `never-x`?"


def test_an_unknown_rule_beside_one_that_silences_nothing() -> None:
    assert [code for code, _ in about("FROM a\n# envgen: ignore=no-such,EG150\nRUN y\n")] == ["EG060", "EG063"]


@pytest.mark.parametrize("reason", ["", " until=2099-01-01", " (until=2099-01-01)", " ()"])
def test_a_reason_can_be_required(reason: str) -> None:
    text = f"FROM a\n# envgen: ignore=EG150{reason}\nRUN x\n"
    assert about(text) == []
    ((code, _),) = about(text, Settings(require_reason=True))
    assert code == "EG061"
    assert about(text.replace("EG150", "EG150 (why)"), Settings(require_reason=True)) == []


def test_any_text_can_be_searched_for_comments() -> None:
    for text in ("", "#", "# envgen: ignore=", "# check=", "# hadolint ignore=", "# dclint disable-", "#" * 50_000):
        assert all(one.problem for one in suppressions(text, "Dockerfile", Kind.DOCKERFILE))
    hostile = "# envgen: ignore=" + "a," * 50_000 + "(" * 50_000
    assert len(suppressions(hostile, "Dockerfile", Kind.DOCKERFILE)) <= 1
