"""Every rule against its folder rules/<module>/; a new rule needs no line here."""

import re
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from envgen.codes import CODES, Code
from envgen.finding import Severity
from envgen.lint.engine import catalogue, lint
from envgen.lint.files import Kind, LintFile
from envgen.lint.formats import find
from envgen.lint.rule import SpecRule, spec_rule
from envgen.lint.rules import all_rules, ordered

TODAY = date(2026, 11, 23)
FOLDERS = Path(__file__).parent / "rules"
MODULES = Path(__file__).parent.parent / "envgen" / "lint" / "rules"

each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)


def folder_of(rule: SpecRule) -> Path:
    return FOLDERS / rule.name.replace("-", "_")


def report(rule: SpecRule, name: str, today: date = TODAY) -> str:
    file = LintFile(name, (folder_of(rule) / name).read_text(encoding="utf-8"), Kind.SPEC)
    return find("text")(lint([file], today=today, rules=[rule]), color=False)


@each_rule
def test_a_rule_finds_what_is_bad(rule: SpecRule) -> None:
    assert report(rule, "bad.yaml") == (folder_of(rule) / "expected.txt").read_text(encoding="utf-8")


@each_rule
def test_a_rule_says_nothing_about_what_is_good(rule: SpecRule) -> None:
    assert report(rule, "good.yaml") == ""


@each_rule
def test_a_rule_is_explained_with_a_bad_and_a_good_example(rule: SpecRule) -> None:
    parts = re.fullmatch(
        r"(?P<summary>[^\n]{10,90}\.)\n\n(?P<reason>.{40,}?)\n\nBad:\n\n(?P<bad>.+?)\n\nGood:\n\n(?P<good>.+)",
        rule.explanation,
        re.DOTALL,
    )
    assert parts is not None
    assert rule.summary == parts["summary"].removesuffix(".")
    head = "envgen: 1\nname: shop\n"
    services = "services:\n  db:\n    image: postgres:15\n"
    for example, expected in (("bad", {rule.code}), ("good", set())):
        text = dedent(parts[example]) + "\n"
        file = LintFile("x.yaml", head + text + ("" if "services:" in text else services), Kind.SPEC)
        assert {finding.code for finding in lint([file], today=TODAY, rules=[rule])} == expected


@each_rule
def test_a_rule_is_named_alike_everywhere(rule: SpecRule) -> None:
    assert re.fullmatch(r"EG\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.check.__module__ == f"envgen.lint.rules.{rule.name.replace('-', '_')}"


def test_every_module_is_one_rule_and_every_folder_belongs_to_one() -> None:
    modules = {path.stem for path in MODULES.glob("*.py")} - {"__init__"}
    assert modules == {rule.name.replace("-", "_") for rule in all_rules()}
    assert {path.name for path in FOLDERS.iterdir()} == modules
    assert len(modules) == len(all_rules())


@pytest.mark.parametrize(("code", "name"), [("EG050", "other"), ("EG999", "eol-runtime")])
def test_two_rules_with_one_code_or_name_are_refused(code: str, name: str) -> None:
    other = spec_rule(code, name, Severity.INFO)(lambda _: iter(()))
    with pytest.raises(ValueError, match="two lint rules"):
        ordered([*all_rules(), other])


def test_the_catalogue_holds_every_code_once() -> None:
    every = catalogue()
    assert set(CODES) | {rule.code for rule in all_rules()} | {"EG100"} == set(every)
    assert [code.id for code in every.values()] == list(every)
    assert len({code.name for code in every.values()}) == len(every)


def test_a_rule_that_takes_a_code_or_name_of_the_catalogue_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CODES, "EG998", Code("EG998", "eol-runtime", Severity.INFO, "taken"))
    with pytest.raises(ValueError, match="is taken"):
        catalogue.__wrapped__()


# eol-runtime


def eol_lines(name: str, today: date) -> list[str]:
    rule = next(rule for rule in all_rules() if rule.name == "eol-runtime")
    return re.findall(r"^\S+?:(\d+):", report(rule, name, today), re.MULTILINE)


def test_eol_runtime_depends_on_the_day_given() -> None:
    assert eol_lines("bad.yaml", date(2022, 4, 30)) == []
    assert eol_lines("bad.yaml", date(2022, 5, 1)) == ["21"]
    assert eol_lines("bad.yaml", date(2026, 3, 31)) == ["4", "11", "17", "19", "21"]
    assert eol_lines("bad.yaml", date(2026, 4, 1)) == ["4", "7", "11", "17", "19", "21"]


def test_eol_runtime_permission_ends_after_its_day() -> None:
    assert eol_lines("good.yaml", date(2026, 11, 24)) == ["16"]
