"""`envgen env docs`: the contract as a table that every reader of Markdown shows as it is meant."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from oracles import literals
from plans import node, plan_of
from test_env_check import run

from envgen.contract.docs import code, data, markdown, text

SPEC = node(
    """environment: {
    LEVEL: {type: enum, values: [debug, "a|b"], default: debug, description: "How much | it *logs*.\\nAt most."},
    URL: {type: url, required: true, example: "https://a.example"},
    EMPTY: {default: ""},
    SESSION: {secret: true, deliver: env, generate: true, example: e},
    KEY: {secret: true, pattern: "[a-z]+"}}"""
)


def test_variables_and_secrets_are_tables() -> None:
    assert markdown(plan_of(SPEC)).splitlines() == [
        "| Variable | Type | Default | Used by | Description |",
        "| --- | --- | --- | --- | --- |",
        r"| `LEVEL` | one of debug, a\|b | `debug` | `a` | How much \| it \*logs\*.<br>At most. |",
        "| `URL` | URL | **required** | `a` | Example: `https://a.example` |",
        "| `EMPTY` | text | (empty) | `a` |  |",
        "| `SESSION` | text, secret | **required** | `a` | `envgen env generate` makes it. |",
        "",
        "| Secret | File | Content | Used by |",
        "| --- | --- | --- | --- |",
        r"| `key` | `./secrets/key` | text that matches \[a-z\]+ | `a` |",
    ]


def test_nothing_is_said_of_a_project_that_takes_nothing() -> None:
    assert markdown(plan_of("services: {a: {image: x}}")) == "Nothing is taken from the environment.\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "`a`"),
        ("a|b", r"`a\|b`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        (" a ", "`  a  `"),
        ("a\nb", r"`a\nb`"),
        ("\x1b", r"`\x1b`"),
        ("", "(empty)"),
    ],
)
def test_values_are_code(value: str, shown: str) -> None:
    assert code(value) == shown


@settings(max_examples=300, deadline=None)
@given(literals)
def test_no_text_leaves_its_cell(value: str) -> None:
    for cell in (text(value), code(value)):
        assert len(cell.splitlines()) <= 1
        assert "|" not in cell.replace("\\\\", "").replace("\\|", "") or "|" not in cell.replace("\\|", "")


def test_json_has_all_of_it_and_is_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "envgen.yaml").write_text(
        "envgen: 1\nname: p\nservices: {a: {image: x, environment: {T: {type: duration, default: 5s, max: 1m}}}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    code_, out, _ = run(["docs", "--json"], capfd)
    found = json.loads(out)
    assert code_ == 0
    assert found["secrets"] == []
    assert found["variables"][0]["name"] == "T"
    assert found["variables"][0]["types"][0]["maximum"] == "1m"
    assert run(["docs", "--json"], capfd)[1] == out
    assert run(["docs"], capfd)[1].splitlines()[2] == "| `T` | duration of at most 1m | `5s` | `a` |  |"


def test_the_data_is_json() -> None:
    assert json.loads(json.dumps(data(plan_of(SPEC))))["secrets"][0]["name"] == "key"
