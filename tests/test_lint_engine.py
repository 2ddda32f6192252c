from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint.engine import Tools, lint
from envgen.lint.files import Kind, LintFile, read
from envgen.lint.hadolint_binary import Hadolint
from envgen.lint.rule import Rule, SpecSubject, Violation, spec_rule
from envgen.lint.rules.spec import eol_runtime

TODAY = date(2026, 11, 23)
EOL = eol_runtime.check
SPEC = """\
envgen: 1
name: shop
runtimes:
  node14: {language: node, version: "14"}
services:
  api: {uses: node14, command: [node, server.js]}
"""
COMPOSE = "services:\n  a:\n    image: x\n    prots: [80]\n"


@pytest.fixture(autouse=True)
def _working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def places(findings: Sequence[Finding]) -> list[tuple[str, int, str]]:
    return [(finding.file, finding.line, finding.code) for finding in findings]


def linted(*files: LintFile | Finding, rules: Sequence[Rule] = (EOL,), today: date = TODAY) -> tuple[Finding, ...]:
    return lint(files, today=today, tools=Tools(rules=rules))


def test_a_project_from_its_folder_to_sorted_findings() -> None:
    write("envgen.yaml", SPEC)
    write("compose.yaml", COMPOSE)
    write("b/Dockerfile", "FROM debian\nRUN sudo ls $x\n")
    write("a/Dockerfile", "FROM debian\n")
    Path("c").mkdir()
    Path("c/Dockerfile").write_bytes(b"\xff")
    assert places(linted(*read(["."]))) == [
        ("a/Dockerfile", 1, "DL3006"),
        ("b/Dockerfile", 1, "DL3006"),
        ("b/Dockerfile", 2, "DL3004"),
        ("b/Dockerfile", 2, "SC2086"),
        ("c/Dockerfile", 1, "EG002"),
        ("compose.yaml", 4, "EG010"),
        ("envgen.yaml", 4, "EG050"),
    ]


def test_nothing_to_lint_needs_no_hadolint() -> None:
    tools = Tools(hadolint=lambda: pytest.fail("looked for hadolint"), rules=[])
    assert lint([], today=TODAY, tools=tools) == ()
    assert places(lint([LintFile("compose.yaml", COMPOSE, Kind.COMPOSE)], today=TODAY, tools=tools)) == [
        ("compose.yaml", 4, "EG010")
    ]


def test_dockerfiles_without_a_hadolint_are_an_error(tmp_path: Path) -> None:
    tools = Tools(hadolint=lambda: Hadolint(str(tmp_path / "none")))
    with pytest.raises(EnvgenError):
        lint([LintFile("Dockerfile", "FROM a", Kind.DOCKERFILE)], today=TODAY, tools=tools)


def test_nothing_is_said_twice() -> None:
    file = LintFile("Dockerfile", "FROM debian:12\nRUN echo $x $y\n", Kind.DOCKERFILE)
    assert places(linted(file)) == [("Dockerfile", 2, "SC2086")]
    finding = Finding(code="EG002", severity=Severity.ERROR, file="a", line=1, column=1, message="m")
    assert linted(finding, finding) == (finding,)


def test_a_spec_that_can_not_be_loaded_is_a_finding_and_hides_no_other_file() -> None:
    files = [
        LintFile("a/envgen.yaml", "envgen: 1\nname: [\n", Kind.SPEC),
        LintFile("b/envgen.yaml", "envgen: 1\nname: shop\nservicse: {}\n", Kind.SPEC),
        LintFile("c/envgen.yaml", SPEC, Kind.SPEC),
    ]
    found = linted(*files)
    assert {(finding.file, finding.code) for finding in found} >= {
        ("a/envgen.yaml", "EG001"),
        ("b/envgen.yaml", "EG010"),
        ("c/envgen.yaml", "EG050"),
    }


def test_a_rule_has_its_severity_place_and_excerpt_from_the_engine() -> None:
    (finding,) = linted(LintFile("envgen.yaml", SPEC, Kind.SPEC))
    assert finding == Finding(
        code="EG050",
        severity=Severity.WARNING,
        file="envgen.yaml",
        line=4,
        column=37,
        message="node 14 has been past its end of life since 2023-04-30",
        hint='use a supported version, or allow it with `eol: {allow: true, reason: "...", until: DATE}`',
        excerpt='  node14: {language: node, version: "14"}',
        width=4,
    )


def test_rules_are_those_given_and_can_point_at_a_key() -> None:
    named = spec_rule("EG999", "named", Severity.STYLE)(
        lambda subject: iter(
            [Violation(place=subject.place(("services", "api"), at_key=True), message=subject.spec.name)]
        )
    )
    (finding,) = linted(LintFile("envgen.yaml", SPEC, Kind.SPEC), rules=[named])
    assert (finding.code, finding.severity, finding.line, finding.column) == ("EG999", Severity.STYLE, 6, 3)
    assert finding.message == "shop"


def test_a_rule_gets_the_day_given() -> None:
    days = []

    def check(subject: SpecSubject) -> Sequence[Violation]:
        days.append(subject.today)
        return ()

    rule = spec_rule("EG999", "named", Severity.INFO)(check)  # type: ignore[arg-type]
    linted(LintFile("envgen.yaml", SPEC, Kind.SPEC), today=date(2001, 2, 3), rules=[rule])
    assert days == [date(2001, 2, 3)]


@pytest.mark.parametrize("rule", ["EG050", "eol-runtime", "DL3006, EG050"])
def test_a_comment_in_a_spec_silences_a_rule(rule: str) -> None:
    text = SPEC.replace('"14"}', f'"14"}} # envgen: ignore={rule} (next spring)')
    assert linted(LintFile("envgen.yaml", text, Kind.SPEC)) == ()


def test_a_comment_in_a_compose_file_and_a_dockerfile() -> None:
    files = [
        LintFile(
            "compose.yaml", COMPOSE.replace("    prots", "    # envgen: ignore=unknown-key\n    prots"), Kind.COMPOSE
        ),
        LintFile("a.Dockerfile", "# envgen: ignore=DL3006\nFROM debian\n", Kind.DOCKERFILE),
        LintFile("b.Dockerfile", "# hadolint ignore=DL3006\nFROM debian\n", Kind.DOCKERFILE),
        LintFile(
            "c.Dockerfile",
            "FROM a:1\n# envgen: ignore=DL1000 (hadolint#1137)\nRUN --mount=from=x ls\n",
            Kind.DOCKERFILE,
        ),
    ]
    assert linted(*files) == ()


def test_a_comment_is_about_its_own_file() -> None:
    files = [
        LintFile("a.Dockerfile", "# envgen: ignore=DL3006\nFROM debian\n", Kind.DOCKERFILE),
        LintFile("b.Dockerfile", "# no\nFROM debian\n", Kind.DOCKERFILE),
    ]
    assert places(linted(*files)) == [("b.Dockerfile", 2, "DL3006")]


def test_a_broken_hadolint_configuration_comes_with_the_findings() -> None:
    write(".hadolint.yaml", "ignored: [\n")
    write("Dockerfile", "FROM debian\n")
    assert places(linted(*read(["Dockerfile"]))) == [
        (".hadolint.yaml", 1, "EG100"),
        ("Dockerfile", 1, "DL3006"),
    ]
