from datetime import date
from pathlib import Path

import pytest

from envgen.finding import Finding, Severity
from envgen.lint.engine import Tools, lint
from envgen.lint.files import Kind, LintFile, read


def findings(text: str, path: str = "compose.yaml") -> tuple[Finding, ...]:
    file = LintFile(path, text, Kind.COMPOSE)
    return lint([file], today=date(2026, 11, 23), tools=Tools(hadolint=None, rules=[]))


def check(text: str) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.line, finding.column) for finding in findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  a: {image: x}\n",
        "services:\n  a:\n    image: x\n    ports: ['${PORT:-80}:80']\n    x-own: 1\n",
        "x-a: &a {image: x}\nservices:\n  a: *a\n  b: {<<: *a, init: true}\n",
        "version: '3'\nservices:\n  a:\n    image: x\n    restart: ${R:-no}\n",
    ],
)
def test_what_compose_takes(text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("services:\n  a:\n    image: x\n    prots: ['80']\n", ("EG010", 4, 5)),
        ("services:\n  a:\n    image: x\n    ports: 80\n", ("EG011", 4, 12)),
        ("services:\n  a:\n    image: [\n", ("EG001", 4, 1)),
        ("- a\n", ("EG011", 1, 1)),
        ("", ("EG011", 1, 1)),
        ("services:\n  a:\n    image: x\n    image: y\n", ("EG004", 4, 5)),
    ],
)
def test_what_compose_refuses_has_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert check(text) == [expected]


def test_everything_that_is_wrong_is_said_at_once_in_full() -> None:
    text = "services:\n  a:\n    image: x\n    prots: ['80']\n    init: 3\n"
    first, second = findings(text, "a/compose.yaml")
    assert (first.file, first.severity, first.excerpt) == ("a/compose.yaml", Severity.ERROR, "    prots: ['80']")
    assert first.hint == "did you mean `ports`?"
    assert second.line == 5


def test_what_services_share_through_an_anchor_is_said_once() -> None:
    shared = (
        "x-a: &a {image: 'x:1', privileged: true}\n"
        "services:\n  a: *a\n  b: {<<: *a}\n  c: {privileged: true, image: x}\n"
    )
    assert [(one.line, one.message.split("`")[1]) for one in everything(shared, "EG230")] == [(1, "a"), (5, "c")]


def test_two_things_in_one_place_are_both_said() -> None:
    text = "services:\n  a: {image: 'x:1', command: 'a ${ONE} ${TWO}'}\n"
    assert len(everything(text, "EG215")) == 2


def everything(text: str, code: str) -> list[Finding]:
    """What all rules say, of one code."""
    file = LintFile("compose.yaml", text, Kind.COMPOSE)
    found = lint([file], today=date(2026, 11, 23), tools=Tools(hadolint=None))
    return [finding for finding in found if finding.code == code]


def test_no_finding_in_an_env_file_shows_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("compose.yaml").write_text("services:\n  a: {image: 'x:1', env_file: [.env, b.env]}\n")
    for name in (".env", "b.env"):
        Path(name).write_text("API_TOKEN=hunter2hunter2\nAPI_TOKEN=hunter2hunter2x\n")
    for cache in (tmp_path / "cache", tmp_path / "cache", None):  # new, kept, and without
        found = lint(read(["."]), today=date(2026, 11, 23), tools=Tools(hadolint=None, cache=cache))
        there = [one for one in found if one.file.endswith(".env")]
        assert there
        assert {one.excerpt for one in there} == {"API_TOKEN=..."}
        assert not [one for one in there if "hunter2" in f"{one.message} {one.hint}"]
