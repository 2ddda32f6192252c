"""SARIF: valid against the vendored schema, and what it says about places is what the files hold."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.finding import Edit, Finding, Fix, Severity
from envgen.lint import formats
from envgen.lint.about import every
from envgen.lint.engine import Tools, lint
from envgen.lint.files import read
from envgen.resources import schema_text

SCHEMA = jsonschema_rs.validator_for(json.loads(schema_text("sarif-2.1.0.json")), validate_formats=True)


def finding(**changes: object) -> Finding:
    facts: dict[str, object] = {
        "code": "EG101",
        "severity": Severity.WARNING,
        "file": "api/Dockerfile",
        "line": 3,
        "column": 14,
        "width": 5,
        "message": "the stage name `Build` is not in lower case",
        "hint": "call it `build`",
        "excerpt": "FROM node AS Build",
    }
    return Finding(**(facts | changes))  # type: ignore[arg-type]


def log(*findings: Finding, files: tuple[str, ...] = ()) -> dict[str, Any]:
    written = formats.find("sarif")(findings, color=True, files=files, version="1.2.3")
    assert written.isascii()
    report: dict[str, Any] = json.loads(written)
    assert [error.message for error in SCHEMA.iter_errors(report)] == []
    return report


def results(*findings: Finding) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = log(*findings)["runs"][0]["results"]
    return found


def place(one: dict[str, Any]) -> dict[str, Any]:
    (location,) = one["locations"]
    found: dict[str, Any] = location["physicalLocation"]
    return found


def test_the_schema_refuses_what_is_no_sarif() -> None:
    report = log(finding())
    report["runs"][0]["results"][0]["level"] = "style"
    assert not SCHEMA.is_valid(report)
    assert not SCHEMA.is_valid({"version": "2.1.0"})


def test_nothing_is_a_run_without_results() -> None:
    report = log(files=("a b/Dockerfile",))
    (run,) = report["runs"]
    assert report["version"] == "2.1.0"
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == ("envgen", "1.2.3")
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["a%20b/Dockerfile"]
    assert run["columnKind"] == "unicodeCodePoints"


def test_a_result_names_its_rule_place_and_fingerprint() -> None:
    one, other, third = results(
        finding(), finding(line=9), finding(code="DL3006", severity=Severity.STYLE, hint=None, message="tag it")
    )
    assert (one["ruleId"], one["level"], third["ruleId"], third["level"]) == ("EG101", "warning", "DL3006", "note")
    assert one["message"]["text"] == "the stage name `Build` is not in lower case; call it `build`"
    assert third["message"]["text"] == "tag it"
    assert place(one) == {
        "artifactLocation": {"uri": "api/Dockerfile", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 14, "endColumn": 19, "snippet": {"text": "Build"}},
        "contextRegion": {"startLine": 3, "snippet": {"text": "FROM node AS Build"}},
    }
    prints = [entry["partialFingerprints"]["envgenFingerprint/v1"] for entry in (one, other, third)]
    assert len(set(prints)) == 3
    assert results(finding(line=99))[0]["partialFingerprints"] == one["partialFingerprints"]


def test_rules_are_those_reported_each_once_with_help() -> None:
    report = log(finding(), finding(line=9), finding(code="DL3006"), finding(code="SC2086"), finding(code="EG001"))
    rules = report["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["DL3006", "EG001", "EG101", "SC2086"]
    for result in report["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    dl, syntax, ours, sc = rules
    assert ours["name"] == "stage-name-casing"
    assert "name" not in dl  # SARIF1001: it may not be the same as the id
    assert ours["shortDescription"]["text"] == "A stage's name should be in lower case"
    assert ours["fullDescription"]["text"].startswith("A stage's name should be in lower case. Docker compares")
    assert "```dockerfile\nFROM node:22 AS Build\n```" in ours["help"]["markdown"]
    assert "    FROM node:22 AS Build\n" in ours["help"]["text"]
    assert ours["defaultConfiguration"] == {"level": "warning", "enabled": True}
    assert ours["helpUri"] == "https://docs.docker.com/reference/build-checks/stage-name-casing/"
    assert ours["properties"] == {
        "tags": ["docker", "dockerfile"],
        "problem.severity": "warning",
        "same_as": ["buildkit/StageNameCasing"],
        "documentation": "docs/rules/EG101-stage-name-casing.md",
    }
    assert "helpUri" not in syntax
    assert dl["helpUri"] == "https://github.com/hadolint/hadolint/wiki/DL3006"
    assert sc["helpUri"] == "https://www.shellcheck.net/wiki/SC2086"


def test_every_code_can_be_reported() -> None:
    findings = [finding(code=one.code, severity=one.severity or Severity.ERROR) for one in every()]
    for rule in log(*findings)["runs"][0]["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["markdown"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("./api//Dockerfile", "api/Dockerfile"),
        ("a b/#1?.Dockerfile", "a%20b/%231%3F.Dockerfile"),
        ("100%.Dockerfile", "100%25.Dockerfile"),
        ("-odd:name.Dockerfile", "-odd%3Aname.Dockerfile"),
        ("größe/你.Dockerfile", "gr%C3%B6%C3%9Fe/%E4%BD%A0.Dockerfile"),
        ("caf\udce9.Dockerfile", "caf%E9.Dockerfile"),
        ("a\nb.Dockerfile", "a%0Ab.Dockerfile"),
        ("a\\b.Dockerfile", "a%5Cb.Dockerfile"),
        ("<stdin>", "%3Cstdin%3E"),
        ("../up/Dockerfile", "../up/Dockerfile"),
    ],
)
def test_files_are_uris_relative_to_the_source_root(file: str, uri: str) -> None:
    (one,) = results(finding(file=file))
    assert place(one)["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_an_absolute_path_is_relative_where_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inside, outside = results(finding(file=str(tmp_path / "a" / "Dockerfile")), finding(file="/srv/x y/Dockerfile"))
    assert place(inside)["artifactLocation"] == {"uri": "a/Dockerfile", "uriBaseId": "%SRCROOT%"}
    assert place(outside)["artifactLocation"] == {"uri": "file:///srv/x%20y/Dockerfile"}


def test_columns_count_characters_and_end_with_the_line() -> None:
    (one,) = results(finding(excerpt="👩‍💻 你 AS Build", column=10, width=99))
    assert place(one)["region"] == {
        "startLine": 3,
        "startColumn": 10,
        "endColumn": 15,
        "snippet": {"text": "Build"},
    }
    (beyond,) = results(finding(excerpt="abc", column=50, width=2))
    assert place(beyond)["region"]["startColumn"] == place(beyond)["region"]["endColumn"] == 4
    (unknown,) = results(finding(excerpt=""))
    assert place(unknown)["region"] == {"startLine": 3, "startColumn": 14, "endColumn": 19}
    assert "contextRegion" not in place(unknown)


def test_a_fix_replaces_regions_over_lines() -> None:
    fix = Fix((Edit(1, 6, 1, 9, "größe\n"), Edit(4, 1, 6, 1, "")), safe=False)
    (one,) = results(finding(fix=fix))
    (written,) = one["fixes"]
    assert written["properties"] == {"safe": False}
    assert written["artifactChanges"] == [
        {
            "artifactLocation": {"uri": "api/Dockerfile", "uriBaseId": "%SRCROOT%"},
            "replacements": [
                {
                    "deletedRegion": {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 9},
                    "insertedContent": {"text": "größe\n"},
                },
                {
                    "deletedRegion": {"startLine": 4, "startColumn": 1, "endLine": 6, "endColumn": 1},
                    "insertedContent": {"text": ""},
                },
            ],
        }
    ]


def test_a_wrong_option_is_a_failed_run_and_no_result() -> None:
    usage = finding(code="EG090", severity=Severity.ERROR, file="--format", message="m", hint=None, excerpt="")
    (run,) = log(usage)["runs"]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolConfigurationNotifications"][0]["message"]["text"] == "--format: m"
    assert log(finding())["runs"][0]["invocations"] == [{"executionSuccessful": True}]


@given(st.text(), st.text(), st.integers(1, 50), st.integers(0, 50))
def test_any_text_gives_a_valid_log(message: str, file: str, column: int, width: int) -> None:
    evil = message.replace("\n", " ")
    log(finding(message=message, hint=message, excerpt=evil, file=file or "x", column=column, width=width))


@pytest.mark.parametrize("name", ["wéird näme, 100%.Dockerfile", "-a b#?.Dockerfile", "q'\"&<x>.Dockerfile"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_regions_are_what_the_file_holds(name: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [
        "# größe 你好 👩‍💻",
        "FROM alpine:3.22 AS Bauen",
        "RUN echo 你好 \\",
        "    && echo 👩‍💻 $x",
        "FROM Bauen AS Läufer",
    ]
    Path(name).write_bytes(b"\xef\xbb\xbf" + (end.join(lines) + end).encode())
    found = lint(read([f"./{name}"]), today=date(2026, 11, 23), tools=Tools(hadolint=None))
    assert {one.code for one in found} >= {"EG101"}
    for finding_, one in zip(found, results(*found), strict=True):
        region = place(one)["region"]
        path = Path(unquote_to_bytes(place(one)["artifactLocation"]["uri"]).decode())
        line = path.read_text(encoding="utf-8-sig").splitlines()[region["startLine"] - 1]
        assert unquote(place(one)["artifactLocation"]["uri"]) == name
        assert line == finding_.excerpt
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]
