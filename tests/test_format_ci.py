"""The formats of CI systems: GitHub annotations, GitLab code quality, Checkstyle, JUnit."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.finding import Finding, Severity
from envgen.lint import formats

EVIL = 'a%b\r\nc: d, e::f <x> & "q" \' \x1b[1m \x00 \ud800 \ufffe 你 👩‍💻 ]]>'
# all that a file and its name can hold: bytes that are no UTF-8 come as surrogates
any_text = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))


def finding(**changes: object) -> Finding:
    facts: dict[str, object] = {
        "code": "EG101",
        "severity": Severity.WARNING,
        "file": "./api/Dockerfile",
        "line": 3,
        "column": 14,
        "width": 5,
        "message": "the stage name `Build` is not in lower case",
        "hint": "call it `build`",
        "excerpt": "FROM node AS Build",
    }
    return Finding(**(facts | changes))  # type: ignore[arg-type]


USAGE = finding(code="EG090", severity=Severity.ERROR, file="--format", line=1, column=1, message="no", hint=None)
EACH = [finding(severity=severity, line=line) for line, severity in enumerate(Severity, 1)]


def render(name: str, findings: Sequence[Finding], files: Sequence[str] = ()) -> str:
    return formats.find(name)(findings, color=True, files=files)


def xml(name: str, findings: Sequence[Finding], files: Sequence[str] = ()) -> ET.Element:
    written = render(name, findings, files)
    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    return ET.fromstring(written.encode())  # noqa: S314 - it reads what we wrote


# GitHub


def unescaped(text: str) -> str:
    """What GitHub's runner makes of a value."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it: up to the second `::` are properties."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert match
    pairs = (pair.partition("=") for pair in match[2].split(","))
    return match[1], {name: unescaped(value) for name, _, value in pairs}, unescaped(match[3])


def test_github_annotates_the_place() -> None:
    assert render("github", [finding()]) == (
        "::warning file=api/Dockerfile,line=3,col=14,endLine=3,endColumn=19,title=EG101 stage-name-casing"
        "::the stage name `Build` is not in lower case; call it `build`\n"
    )
    assert [line.split(" ")[0] for line in render("github", EACH).splitlines()] == [
        "::error",
        "::warning",
        "::notice",
        "::notice",
    ]
    assert render("github", [USAGE]) == "::error title=EG090 usage::--format: no\n"
    assert render("github", []) == ""


def test_github_takes_any_character_literally() -> None:
    written = render("github", [finding(file="a,b: %0A\r\n::x", message=EVIL, hint=None)])
    name, facts, message = command(written.removesuffix("\n"))
    assert (name, facts["file"], facts["line"]) == ("warning", "a,b: %0A\r\n::x", "3")
    assert message == EVIL.replace("\ud800", "\\ud800")


@given(any_text, any_text)
def test_github_is_one_line_for_each_finding_whatever_is_in_it(message: str, file: str) -> None:
    written = render("github", [finding(message=message, file=file or "x"), finding()])
    assert written.count("\n") == 2
    assert "\r" not in written
    assert command(written.split("\n")[0])[1]["line"] == "3"


# GitLab


def gitlab(*findings: Finding) -> list[dict[str, Any]]:
    written = render("gitlab", findings)
    assert written.isascii()
    report: list[dict[str, Any]] = json.loads(written)
    return report


def test_gitlab_is_a_code_quality_report() -> None:
    one, other = gitlab(finding(), finding(line=9))
    assert re.fullmatch("[0-9a-f]{32}", one.pop("fingerprint"))
    assert one == {
        "type": "issue",
        "check_name": "EG101",
        "description": "the stage name `Build` is not in lower case; call it `build`",
        "severity": "major",
        "location": {"path": "api/Dockerfile", "lines": {"begin": 3, "end": 3}},
    }
    assert other["location"]["lines"]["begin"] == 9
    assert [issue["severity"] for issue in gitlab(*EACH)] == ["critical", "major", "minor", "info"]
    assert gitlab() == []


def test_gitlab_fingerprints_are_unique_and_survive_a_shift() -> None:
    before = [issue["fingerprint"] for issue in gitlab(finding(), finding(line=9), finding(file="b"))]
    after = [issue["fingerprint"] for issue in gitlab(finding(line=5), finding(line=11), finding(file="b"))]
    assert before == after
    assert len(set(before)) == 3


@given(any_text, any_text)
def test_gitlab_takes_any_text(message: str, file: str) -> None:
    gitlab(finding(message=message, file=file or "x", hint=message))[0]["description"].encode()


# Checkstyle


def test_checkstyle_lists_findings_by_file() -> None:
    report = xml("checkstyle", [finding(), finding(file="b"), finding(code="DL3006")], ["./api/Dockerfile", "clean"])
    assert report.tag == "checkstyle"
    assert {file.get("name"): len(file) for file in report} == {"api/Dockerfile": 2, "clean": 0, "b": 1}
    errors = [error.attrib for error in report.iter("error")]
    assert errors[0] == {
        "line": "3",
        "column": "14",
        "severity": "warning",
        "message": "the stage name `Build` is not in lower case; call it `build`",
        "source": "envgen.EG101",
    }
    assert errors[1]["source"] == "hadolint.DL3006"
    assert [error.get("severity") for error in xml("checkstyle", EACH).iter("error")] == [
        "error",
        "warning",
        "info",
        "info",
    ]
    assert len(xml("checkstyle", [])) == 0


# JUnit


def test_junit_has_a_suite_for_each_file_and_a_passing_test_where_nothing_was_found() -> None:
    report = xml("junit", [finding(), finding(line=9), finding(code="DL3006")], ["./api/Dockerfile", "clean"])
    assert report.tag == "testsuites"
    assert (report.get("tests"), report.get("failures")) == ("4", "3")
    broken, clean = report
    assert (broken.get("name"), broken.get("tests"), broken.get("failures")) == ("api/Dockerfile", "3", "3")
    cases = [(case.get("classname"), case.get("name"), len(case)) for case in broken]
    assert cases == [
        ("api/Dockerfile", "EG101 stage-name-casing", 1),
        ("api/Dockerfile", "EG101 stage-name-casing (2)", 1),
        ("api/Dockerfile", "DL3006", 1),
    ]
    assert (clean.get("tests"), clean.get("failures")) == ("1", "0")
    assert [(case.get("name"), len(case)) for case in clean] == [("no findings", 0)]


def test_junit_failures_say_all_there_is() -> None:
    failure = next(xml("junit", [finding()]).iter("failure"))
    assert failure.get("type") == "warning"
    assert failure.get("message") == "the stage name `Build` is not in lower case; call it `build`"
    assert failure.text == (
        "api/Dockerfile:3:14: warning: the stage name `Build` is not in lower case [EG101]\n"
        "  | FROM node AS Build\n"
        "  help: call it `build`\n"
    )
    assert (next(xml("junit", [USAGE]).iter("failure")).text or "").startswith("--format: error: no [EG090]")


def test_junit_of_nothing_is_a_suite_that_passes() -> None:
    (suite,) = xml("junit", [])
    assert (suite.get("tests"), suite.get("failures"), len(suite)) == ("1", "0", 1)


# both


@pytest.mark.parametrize("name", ["checkstyle", "junit"])
def test_xml_keeps_what_is_legal_and_spells_out_the_rest(name: str) -> None:
    evil = finding(message=EVIL, file=EVIL, hint=None, excerpt=EVIL)
    kept = (
        EVIL.replace("\x1b", r"\x1b").replace("\x00", r"\x00").replace("\ud800", r"\ud800").replace("\ufffe", r"\ufffe")
    )
    report = xml(name, [evil], [EVIL])
    (file,) = report
    assert file.get("name") == kept
    message = next(element for element in report.iter() if element.get("message"))
    assert message.get("message") == kept
    if name == "junit":
        assert f"  | {kept}\n" in (message.text or "")


@pytest.mark.parametrize("name", ["checkstyle", "junit"])
@given(any_text, any_text)
def test_xml_takes_any_text(name: str, message: str, file: str) -> None:
    evil = finding(message=message, file=file or "x", hint=message, excerpt=message, code=message)
    assert len(list(xml(name, [evil, finding()], [file or "x"]).iter())) > 3
