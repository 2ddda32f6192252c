"""Every rule against its folder rules/<module>/; a new rule needs no line here.

`bad*/` and `good*/` are small projects; `expected.txt` is what the rule says of the bad ones. After a wanted change:
ENVGEN_REFRESH=1 python -m pytest tests/test_lint_rules.py -k <name>, and read the diff. A rule that hangs on
configuration has an options.toml beside them: the fields of `Options`, for its examples, too.
"""

import os
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from textwrap import dedent

import pytest

from envgen.codes import CODES, Code
from envgen.finding import Finding, Severity
from envgen.lint import syntax
from envgen.lint.engine import Tools, catalogue, lint
from envgen.lint.files import read
from envgen.lint.options import Options
from envgen.lint.rule import Rule, Scope, spec_rule
from envgen.lint.rules import all_rules, imported, ordered

TODAY = date(2026, 11, 23)
FOLDERS = Path(__file__).parent / "rules"
MODULES = Path(__file__).parent.parent / "envgen" / "lint" / "rules"
MAIN_FILE = {
    Scope.SPEC: "envgen.yaml",
    Scope.DOCKERFILE: "Dockerfile",
    Scope.COMPOSE: "compose.yaml",
    Scope.PROJECT: "compose.yaml",
}
CODE_RANGES = {Scope.SPEC: "EG0", Scope.DOCKERFILE: "EG1", Scope.COMPOSE: "EG2", Scope.PROJECT: "EG3"}

each_rule = pytest.mark.parametrize(
    "rule", ordered(chain.from_iterable(map(imported, Scope))), ids=lambda rule: rule.name
)


def folder_of(rule: Rule) -> Path:
    return FOLDERS / rule.name.replace("-", "_")


def options_of(rule: Rule) -> Options:
    """What the rule's fixtures and examples are linted with."""
    file = folder_of(rule) / "options.toml"
    written = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Options(**{name: tuple(values) for name, values in written.items()})


def findings(rule: Rule, folder: str, today: date = TODAY) -> list[Finding]:
    """What one rule finds below a folder; that it fails is found, too."""
    tools = Tools(hadolint=None, rules=[rule])
    found = lint(read([folder]), today=today, tools=tools, options=options_of(rule))
    return [finding for finding in found if finding.code in {rule.code, "EG009"}]


def report(found: Sequence[Finding]) -> str:
    return "".join(f"{one.file}:{one.line}:{one.column}: {one.severity}: {one.message}\n" for one in found)


@each_rule
def test_a_rule_finds_what_is_bad(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(rule)
    monkeypatch.chdir(folder)
    bad = sorted(path.name for path in folder.glob("bad*"))
    found = {name: findings(rule, name) for name in bad}
    assert found
    assert all(found.values()), "each bad project is there for something"
    text = "".join(report(found[name]) for name in bad)
    if "ENVGEN_REFRESH" in os.environ:
        Path("expected.txt").write_text(text, encoding="utf-8")
    assert text == Path("expected.txt").read_text(encoding="utf-8")


@each_rule
def test_a_rule_says_nothing_about_what_is_good(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_of(rule))
    good = sorted(path.name for path in folder_of(rule).glob("good*"))
    assert good
    assert "".join(report(findings(rule, name)) for name in good) == ""


@each_rule
def test_a_rule_is_explained_with_a_bad_and_a_good_example(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = re.fullmatch(
        r"(?P<summary>[^\n]{10,100}\.)\n\n(?P<reason>.{40,}?)\n\nBad:\n\n(?P<bad>.+?)\n\nGood:\n\n(?P<good>.+)",
        rule.explanation,
        re.DOTALL,
    )
    assert parts is not None
    assert rule.summary == parts["summary"].removesuffix(".")
    for example in ("bad", "good"):
        write_example(rule, Path(example), dedent(parts[example]) + "\n")
    assert {finding.code for finding in findings(rule, "bad")} == {rule.code}
    assert report(findings(rule, "good")) == ""


def write_example(rule: Rule, folder: Path, text: str) -> None:
    """An example is one file, or several, each below a line `--- path`."""
    blocks = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    files = dict(zip(blocks[1::2], blocks[2::2], strict=True)) or {MAIN_FILE[rule.scope]: text}
    if rule.scope is Scope.SPEC and "envgen.yaml" in files:
        services = "" if "services:" in text else "services:\n  db:\n    image: postgres:15\n"
        files["envgen.yaml"] = f"envgen: 1\nname: shop\n{files['envgen.yaml']}{services}"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


@each_rule
def test_a_rule_is_named_alike_everywhere(rule: Rule) -> None:
    assert re.fullmatch(r"EG\d{3}", rule.code)
    assert rule.code.startswith(CODE_RANGES[rule.scope])
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.check.__module__ == f"envgen.lint.rules.{rule.scope}.{rule.name.replace('-', '_')}"
    assert all(re.fullmatch(r"[a-z-]+/\S[\w /.,:()'-]*", name) for name in rule.same_as)


def test_every_module_is_one_rule_and_every_folder_belongs_to_one() -> None:
    modules = {path.stem for path in MODULES.glob("*/*.py") if not path.stem.startswith("_")}
    assert modules == {rule.name.replace("-", "_") for rule in all_rules()}
    assert {path.name for path in FOLDERS.iterdir()} == modules
    assert len(modules) == len(all_rules())


# https://docs.docker.com/reference/build-checks/, read on 2026-11-23
BUILDKIT = """
ConsistentInstructionCasing CopyIgnoredFile DuplicateStageName ExposeInvalidFormat ExposeProtoCasing FromAsCasing
FromPlatformFlagConstDisallowed InvalidBaseImagePlatform InvalidDefaultArgInFrom InvalidDefinitionDescription
JSONArgsRecommended LegacyKeyValueFormat MaintainerDeprecated MultipleInstructionsDisallowed NoEmptyContinuation
RedundantTargetPlatform ReservedStageName SecretsUsedInArgOrEnv StageNameCasing UndefinedArgInFrom UndefinedVar
WorkdirRelativePath
"""
# the rules of compose-lint 0.36.2
COMPOSE_LINT = [f"CL-{number:04}" for number in (*range(1, 12), 13, 14, *range(16, 23), *range(24, 31))]


def test_what_the_readme_says_of_other_tools_rules() -> None:
    elsewhere = {name for rule in all_rules() for name in rule.same_as}
    assert {f"buildkit/{name}" for name in BUILDKIT.split()} <= elsewhere
    assert {f"compose-lint/{name}" for name in COMPOSE_LINT} <= elsewhere


@pytest.mark.parametrize(("code", "name"), [("EG050", "other"), ("EG999", "eol-runtime")])
def test_two_rules_with_one_code_or_name_are_refused(code: str, name: str) -> None:
    other = spec_rule(code, name, Severity.INFO)(lambda _: iter(()))
    with pytest.raises(ValueError, match="two lint rules"):
        ordered([*all_rules(), other])


def test_the_catalogue_holds_every_code_once() -> None:
    every = catalogue()
    assert set(CODES) | {rule.code for rule in all_rules()} | {code.id for code in syntax.CODES} == set(every)
    assert [code.id for code in every.values()] == list(every)
    assert len({code.name for code in every.values()}) == len(every)


def test_a_rule_that_takes_a_code_or_name_of_the_catalogue_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CODES, "EG998", Code("EG998", "eol-runtime", Severity.INFO, "taken"))
    with pytest.raises(ValueError, match="is taken"):
        catalogue.__wrapped__()


# eol-runtime


def eol_lines(name: str, today: date, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rule = next(rule for rule in all_rules() if rule.name == "eol-runtime")
    monkeypatch.chdir(folder_of(rule))
    return [finding.line for finding in findings(rule, name, today)]


def test_eol_runtime_depends_on_the_day_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert eol_lines("bad", date(2022, 4, 30), monkeypatch) == []
    assert eol_lines("bad", date(2022, 5, 1), monkeypatch) == [21]
    assert eol_lines("bad", date(2026, 3, 31), monkeypatch) == [4, 11, 17, 19, 21]
    assert eol_lines("bad", date(2026, 4, 1), monkeypatch) == [4, 7, 11, 17, 19, 21]


def test_eol_runtime_permission_ends_after_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    assert eol_lines("good", date(2026, 11, 24), monkeypatch) == [16]
