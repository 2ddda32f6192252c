"""BuildKit's checks: all are there under BuildKit's names, and their fixes do what they say and nothing else."""

import re
from collections import Counter
from pathlib import Path

import pytest

from envgen.lint.dockerfile import Dockerfile, parse
from envgen.lint.fixing import apply
from envgen.lint.rule import Rule, Scope
from envgen.lint.rules import all_rules, rules_of

FOLDERS = Path(__file__).parent / "rules"
CHECKS = (
    *("StageNameCasing", "FromAsCasing", "NoEmptyContinuation", "ConsistentInstructionCasing", "DuplicateStageName"),
    *("ReservedStageName", "JSONArgsRecommended", "MaintainerDeprecated", "UndefinedArgInFrom", "WorkdirRelativePath"),
    *("UndefinedVar", "MultipleInstructionsDisallowed", "LegacyKeyValueFormat", "RedundantTargetPlatform"),
    *("FromPlatformFlagConstDisallowed", "CopyIgnoredFile", "InvalidDefinitionDescription", "InvalidDefaultArgInFrom"),
    *("InvalidBaseImagePlatform", "SecretsUsedInArgOrEnv", "ExposeProtoCasing", "ExposeInvalidFormat"),
)
FIXABLE = ("stage-name-casing", "from-as-casing", "no-empty-continuation", "consistent-instruction-casing")
FIXABLE += ("legacy-key-value-format", "redundant-target-platform", "expose-proto-casing")


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def read(text: str) -> Dockerfile:
    file = parse(text, "Dockerfile")
    assert isinstance(file, Dockerfile), file
    return file


def found(text: str) -> Counter[str]:
    file = read(text)
    rules = [rule for rule in rules_of(Scope.DOCKERFILE) if any(name.startswith("buildkit/") for name in rule.same_as)]
    return Counter(rule.name for rule in rules for _ in rule.check(file))


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_of_buildkit_has_a_rule_of_its_name(name: str) -> None:
    assert kebab(name) in {rule.name for rule in all_rules() if f"buildkit/{name}" in rule.same_as}


def test_only_the_experimental_check_is_off_by_default() -> None:
    named = [rule for rule in all_rules() if rule.name in {kebab(name) for name in CHECKS}]
    assert len(named) == len(CHECKS)
    assert [rule.name for rule in named if not rule.default] == ["invalid-definition-description"]


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.name in FIXABLE], ids=lambda rule: rule.name)
def test_a_fix_takes_its_finding_away_and_brings_no_other(rule: Rule) -> None:
    fixed = 0
    for path in (FOLDERS / rule.name.replace("-", "_")).glob("bad*/Dockerfile"):
        with path.open(encoding="utf-8", newline="") as source:
            text = source.read()
        before = found(text)
        for violation in rule.check(read(text)):
            if violation.fix is None:
                continue
            after = found(apply(text, violation.fix.edits))
            assert after[rule.name] < before[rule.name]
            assert not after - before
            fixed += 1
    assert fixed


def test_the_case_of_from_takes_its_as_along() -> None:
    (rule,) = (rule for rule in all_rules() if rule.name == "consistent-instruction-casing")
    text = "From a AS b\nfrom b as c\nrun x\n"
    (violation,) = rule.check(read(text))
    assert violation.fix is not None
    assert apply(text, violation.fix.edits) == "from a as b\nfrom b as c\nrun x\n"


def test_what_an_onbuild_does_wrong_is_said_of_the_stage_that_runs_it() -> None:
    text = "FROM scratch AS a\nONBUILD ENV TOKEN x\nONBUILD COPY $NO /\nONBUILD CMD x\nONBUILD WORKDIR y\n"
    text += "ONBUILD EXPOSE 1:1/TCP\nFROM a AS unused\nFROM a\n"
    file = read(text)
    lines = {rule.name: [one.place.line for one in rule.check(file)] for rule in rules_of(Scope.DOCKERFILE)}
    names = ("undefined-var", "json-args-recommended", "workdir-relative-path", "secrets-used-in-arg-or-env")
    names += ("legacy-key-value-format", "expose-proto-casing", "expose-invalid-format")
    assert [lines[name] for name in names] == [[8]] * len(names)
