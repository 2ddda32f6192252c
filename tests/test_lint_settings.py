import re
from datetime import date
from pathlib import Path

import pytest

from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint import glob, naming
from envgen.lint.configuration import CommandLine, Configurations
from envgen.lint.engine import Tools, lint
from envgen.lint.engine import names as engine_names
from envgen.lint.files import Kind, LintFile, read
from envgen.lint.options import Options
from envgen.lint.place import Place
from envgen.lint.rule import Rule, Violation, dockerfile_rule
from envgen.lint.settings import Ignored, Settings

TODAY = date(2026, 11, 23)
NAMES = {"EG150": "no-x", "EG151": "no-y", "EG203": "port-name", "EG002": "unreadable"}


def names() -> dict[str, str]:
    return NAMES


@pytest.fixture(autouse=True)
def _working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def settings(path: str = "Dockerfile", command_line: CommandLine | None = None) -> Settings:
    return Configurations(names, command_line).of(path)


def errors(path: str = "Dockerfile") -> list[tuple[str, int, int, str]]:
    with pytest.raises(EnvgenError) as raised:
        settings(path)
    return [(one.file, one.line, one.column, one.message) for one in raised.value.findings]


TOML = """\
[project]
name = "shop"

[tool.envgen.lint]
select = ["EG1*", "DL3008", "port-name"]
extend-select = ["SC*"]
ignore = ["no-y", {rule = "EG203", path = "legacy/**", reason = "they move", until = 2027-01-31}]
exclude = ["vendor/"]
fail-level = "info"
rule-set = 2
require-reason = true
hadolint = false
trusted-registries = ["ghcr.io"]
required-labels = ["org.opencontainers.image.source"]

[tool.envgen.lint.severity]
EG150 = "error"
"DL30*" = "off"

[tool.envgen.lint.per-file-ignores]
"api/*" = ["EG150", "no-y"]
"""
YAML = """\
select: [EG1*, DL3008, port-name]
extend-select: [SC*]
ignore:
  - no-y
  - {rule: EG203, path: [legacy/**], reason: they move, until: 2027-01-31}
exclude: [vendor/]
fail-level: info
rule-set: 2
require-reason: true
hadolint: false
trusted-registries: [ghcr.io]
required-labels: [org.opencontainers.image.source]
severity: {EG150: error, DL30*: off}
per-file-ignores:
  api/*: [EG150, no-y]
"""


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("pyproject.toml", TOML, [(7, 12), (7, 19), (21, 1), (21, 1)]),
        (".envgen-lint.yaml", YAML, [(4, 5), (5, 6), (15, 11), (15, 11)]),
        (".envgen-lint.yml", YAML, [(4, 5), (5, 6), (15, 11), (15, 11)]),
        ("envgen.yaml", "envgen: 1\nlint:\n" + "".join(f"  {line}\n" for line in YAML.splitlines()), None),
    ],
)
def test_every_key_in_every_file(name: str, text: str, places: list[tuple[int, int]] | None, tmp_path: Path) -> None:
    write(name, text)
    found = settings()
    day = date(2027, 1, 31)
    assert [(one.rule, one.paths, one.reason, one.until) for one in found.ignore] == [
        ("no-y", (), None, None),
        ("EG203", ("legacy/**",), "they move", day),
        ("EG150", ("api/*",), None, None),
        ("no-y", ("api/*",), None, None),
    ]
    assert found == Settings(
        folder=str(tmp_path),
        select=("EG1*", "DL3008", "port-name"),
        extend_select=("SC*",),
        ignore=found.ignore,
        severity={"EG150": Severity.ERROR, "DL30*": None},
        exclude=("vendor/",),
        fail_level=Severity.INFO,
        rule_set=2,
        require_reason=True,
        hadolint=False,
        options=Options(trusted_registries=("ghcr.io",), required_labels=("org.opencontainers.image.source",)),
    )
    if places:
        at = [(one.place.line, one.place.column) for one in found.ignore if one.place]
        assert [line for line, _ in at] == [line for line, _ in places]


def test_without_a_configuration_the_defaults_hold(tmp_path: Path) -> None:
    assert settings() == Settings(folder=str(tmp_path))
    write("pyproject.toml", "[tool.other]\nenvgen = 1\n")
    write("envgen.yaml", "envgen: 1\nname: a\n# lint: no\n")
    assert settings() == Settings(folder=str(tmp_path))
    write(".envgen-lint.yaml", "")
    assert settings() == Settings(folder=str(tmp_path))


def test_the_nearest_configuration_holds_and_nothing_of_any_other(tmp_path: Path) -> None:
    write("pyproject.toml", '[tool.envgen.lint]\nselect = ["EG1*"]\nrule-set = 3\n')
    write("a/.envgen-lint.yaml", "ignore: [EG150]\n")
    write("a/b/pyproject.toml", "[project]\n")
    assert settings("Dockerfile").rule_set == 3
    assert settings("c/d/Dockerfile").rule_set == 3
    found = settings("a/b/c/Dockerfile")
    assert (found.select, found.rule_set, found.folder) == (None, 1, str(tmp_path / "a"))
    assert settings(str(tmp_path / "a" / "Dockerfile")) == found


@pytest.mark.parametrize("second", [".envgen-lint.yaml", ".envgen-lint.yml", "envgen.yaml"])
def test_two_configurations_in_a_folder_are_an_error(second: str) -> None:
    write("pyproject.toml", "\n[tool.envgen.lint]\n")
    write(second, "envgen: 1\nlint: {}\n" if second == "envgen.yaml" else "ignore: []\n")
    ((file, line, _, message),) = errors()
    assert (file, line) == (second, 2 if second == "envgen.yaml" else 1)
    assert message == "there are two configurations of the linter in this folder, here and in pyproject.toml"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("slect = []", (5, 1, "there is no key `slect`")),
        ('select = "EG1*"', (5, 10, "`select` has to be a list")),
        ('select = [\n  "EG1*",\n  "EG9*"]', (7, 3, "there is no rule `EG9*`")),
        ("select = [1]", (5, 1, "each entry of `select` has to be text")),
        ('ignore = ["prt-name"]', (5, 11, "there is no rule `prt-name`")),
        ('ignore = [{path = "a"}]', (5, 1, "`rule` is missing")),
        ('ignore = [{rule = "EG150", until = "soon"}]', (5, 36, "`until` has to be a day such as 2099-12-31")),
        ('ignore = [{rule = "EG150", untill = 2027-01-01}]', (5, 28, "there is no key `untill`")),
        ('fail-level = "fatal"', (5, 14, "`fail-level` has to be one of error, warning, info, style")),
        (
            '[tool.envgen.lint.severity]\nEG150 = "of"',
            (6, 9, "`EG150` has to be one of error, warning, info, style, off"),
        ),
        ('[tool.envgen.lint.severity]\n"EG159" = "off"', (6, 1, "there is no rule `EG159`")),
        ("hadolint = 1", (5, 1, "`hadolint` has to be true or false")),
        ("rule-set = 0", (5, 1, "`rule-set` has to be a whole number from 1 on")),
        ("rule-set = true", (5, 1, "`rule-set` has to be a whole number from 1 on")),
        ('per-file-ignores = {"a" = "EG150"}', (5, 27, "`a` has to be a list")),
        ('exclude = [""]', (5, 1, "each entry of `exclude` has to be text")),
        ("severity = 3", (5, 1, "`severity` has to be a map")),
    ],
)
def test_what_is_wrong_in_toml_has_its_place(toml: str, expected: tuple[int, int, str]) -> None:
    write("pyproject.toml", f"[project]\nselect = 1\nslect = 2\n[tool.envgen.lint]\n{toml}\n")
    ((file, *rest),) = errors()
    assert file == "pyproject.toml"
    assert tuple(rest) == expected


def test_what_is_wrong_in_yaml_has_its_place_and_all_is_said_at_once() -> None:
    write(".envgen-lint.yaml", "slect: []\nignore:\n  - {rule: EG15}\nhadolint: maybe\nhadolint: true\n")
    assert errors() == [
        (".envgen-lint.yaml", 1, 1, "there is no key `slect`"),
        (".envgen-lint.yaml", 3, 12, "there is no rule `EG15`"),
        (".envgen-lint.yaml", 4, 11, "`hadolint` has to be true or false"),
        (".envgen-lint.yaml", 5, 1, "the key `hadolint` is already on line 4"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("pyproject.toml", b"[tool.envgen.lint\n", "this is no TOML: "),
        ("pyproject.toml", b"[tool.envgen.lint]\nselect = [", "this is no TOML: "),
        ("pyproject.toml", b"\xffenvgen", "the configuration is not UTF-8 text"),
        (".envgen-lint.yaml", b"a: [\n", "the file ends"),
        (".envgen-lint.yaml", b"- a\n", "the configuration has to be a map"),
        ("pyproject.toml", b"tool.envgen.lint = 3\n", "the configuration has to be a map"),
    ],
)
def test_a_broken_configuration_is_an_error(name: str, content: bytes, message: str) -> None:
    Path(name).write_bytes(content)
    ((file, _, _, said),) = errors()
    assert file == name
    assert said.startswith(message) or message == "the file ends"


def test_a_broken_pyproject_that_is_not_about_envgen_is_nobody_s_business() -> None:
    write("pyproject.toml", "[broken\n")
    assert settings() is not None


def test_the_command_line_beats_the_configuration(tmp_path: Path) -> None:
    write("pyproject.toml", TOML)
    changed = settings(command_line=CommandLine(select=("EG203",), ignore=("DL3006",)))
    assert (changed.select, changed.extend_select) == (("EG203",), ())
    assert [one.rule for one in changed.ignore] == ["EG203", "EG150", "no-y", "DL3006"]
    assert settings(command_line=CommandLine(isolated=True)) == Settings(folder=str(tmp_path))
    write("pyproject.toml", '[tool.envgen.lint]\nseverity = {EG150 = "off", EG203 = "info"}\n')
    assert settings(command_line=CommandLine(select=("EG150",))).severity == {"EG203": "info"}
    write("ci/other.yaml", "ignore: [EG150]\n")
    only = Configurations(names, CommandLine(path="ci/other.yaml"))
    assert only.of("a/b/Dockerfile").folder == str(tmp_path)
    assert [one.rule for one in only.of("x").ignore] == ["EG150"]


@pytest.mark.parametrize("name", ["gone.yaml", "gone.toml", "empty.toml", "envgen.yaml"])
def test_a_configuration_that_is_named_has_to_be_one(name: str) -> None:
    write("empty.toml", "[tool]\n")
    write("envgen.yaml", "envgen: 1\n")
    with pytest.raises(EnvgenError):
        settings(command_line=CommandLine(path=name))


def test_an_unknown_rule_on_the_command_line_is_an_error() -> None:
    with pytest.raises(EnvgenError) as raised:
        settings(command_line=CommandLine(select=("port-nam",)))
    (finding,) = raised.value.findings
    assert (finding.file, finding.hint) == ("--select", "did you mean `port-name`?")


def test_what_is_excluded_is_not_searched() -> None:
    write("pyproject.toml", '[tool.envgen.lint]\nexclude = ["vendor/", "*.gen.Dockerfile", "/old/x"]\n')
    for path in ("a/vendor/Dockerfile", "a.gen.Dockerfile", "old/x/Dockerfile", "a/old/x/Dockerfile", "Dockerfile"):
        write(path, "FROM a\n")
    found = read(["."], excludes=Configurations(names).excludes)
    assert [one.path for one in found if isinstance(one, LintFile)] == ["Dockerfile", "a/old/x/Dockerfile"]
    assert len(read(["a.gen.Dockerfile"], excludes=Configurations(names).excludes)) == 1


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("a", "a", True),
        ("a", "x/a", True),
        ("a", "a/b/c", True),
        ("a", "ab", False),
        ("/a", "x/a", False),
        ("./a/b", "a/b", True),
        ("a/", "a", False),
        ("a/", "a/b", True),
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", True),
        ("a/*.yaml", "a/b/c.yaml", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c", True),
        ("**/c", "c", True),
        ("*.yaml", "a/b.yaml", True),
        ("b?r", "bar", True),
        ("b?r", "b/r", False),
        ("[ab]", "b", True),
        ("[!ab]", "b", False),
        ("[", "[", True),
        ("[z-a]", "[z-a]", True),
        ("a.b", "axb", False),
        ("a", "../a", True),
        ("a/b", "../a/b", False),
    ],
)
def test_globs_of_paths(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001 - an expectation
    assert glob.matches(pattern, path) is expected


@pytest.mark.parametrize(
    "known",
    ["EG150", "eg150", "no-x", "No-X", "EG1*", "no-*", "*", "DL3008", "DL3*", "DL30*", "dl9999", "SC*", "SC2[01]*"],
)
def test_known_rules(known: str) -> None:
    assert naming.is_known(known, NAMES)


@pytest.mark.parametrize("unknown", ["EG15", "EG9*", "DL300", "DL30088", "XX*", "no-z", ""])
def test_unknown_rules(unknown: str) -> None:
    assert not naming.is_known(unknown, NAMES)


def test_the_readme_s_example_is_valid() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(\[tool\.envgen\.lint\]\n.*?)```", readme, re.DOTALL)
    write("pyproject.toml", example)
    assert Configurations(engine_names).of("Dockerfile").require_reason


# what the settings do to findings


def rule(code: str, name: str, *, severity: Severity = Severity.ERROR, since: int = 1, default: bool = True) -> Rule:
    return dockerfile_rule(code, name, severity, since=since, default=default)(
        lambda file: iter([Violation(place=Place(1), message=file.path)])
    )


RULES = [
    rule("EG150", "no-x"),
    rule("EG151", "no-y", severity=Severity.STYLE),
    rule("EG152", "newer", since=2),
    rule("EG153", "opt-in", default=False),
]


def codes(found: Settings | None, path: str = "Dockerfile", text: str = "FROM a\n") -> list[str]:
    file = LintFile(path, text, Kind.DOCKERFILE)
    how = (lambda _: found) if found else None
    findings = lint([file], today=TODAY, tools=Tools(hadolint=None, rules=RULES), settings=how)  # type: ignore[arg-type]
    return [f"{one.code} {one.severity}" for one in findings]


def test_rules_that_are_newer_or_not_on_by_default_have_to_be_asked_for() -> None:
    assert codes(None) == ["EG150 error", "EG151 style", "EG152 error", "EG153 error"]
    assert codes(Settings()) == ["EG150 error", "EG151 style"]
    assert codes(Settings(rule_set=2)) == ["EG150 error", "EG151 style", "EG152 error"]
    assert codes(Settings(extend_select=("opt-*",))) == ["EG150 error", "EG151 style", "EG153 error"]
    assert codes(Settings(select=("EG153", "newer"))) == ["EG153 error"]


def test_ignored_rules_by_path_and_day(tmp_path: Path) -> None:
    def ignoring(**how: object) -> Settings:
        return Settings(folder=str(tmp_path), ignore=(Ignored(rule="NO-*", **how),))  # type: ignore[arg-type]

    assert codes(ignoring()) == []
    assert codes(ignoring(paths=("api",))) == ["EG150 error", "EG151 style"]
    assert codes(ignoring(paths=("api",)), "api/Dockerfile") == []
    assert codes(ignoring(until=TODAY)) == []
    assert codes(ignoring(until=date(2026, 11, 22))) == ["EG150 error", "EG151 style"]


def test_an_ignored_rule_whose_day_is_past_is_reported_where_it_is_written() -> None:
    write(".envgen-lint.yaml", "ignore:\n  - {rule: no-x, until: 2026-11-22}\n  - {rule: no-y, until: 2026-11-23}\n")
    files = [LintFile(path, "FROM a\n", Kind.DOCKERFILE) for path in ("Dockerfile", "a/Dockerfile")]
    found = lint(files, today=TODAY, tools=Tools(hadolint=None, rules=RULES), settings=Configurations(names).of)
    assert [(one.file, one.line, one.code) for one in found] == [
        (".envgen-lint.yaml", 2, "EG062"),
        ("Dockerfile", 1, "EG150"),
        ("a/Dockerfile", 1, "EG150"),
    ]


def test_severities_by_the_most_exact_name() -> None:
    levels = {"*": Severity.INFO, "EG15*": Severity.STYLE, "no-x": Severity.WARNING, "EG151": None}
    assert codes(Settings(severity=levels, select=("*",))) == ["EG150 warning", "EG153 style"]


def test_a_file_that_can_not_be_checked_is_reported_whatever_is_selected() -> None:
    assert codes(Settings(select=("EG150",)), text="FROM a\nRUN <<E\n") == ["EG130 error"]
    assert codes(Settings(ignore=(Ignored(rule="EG130"),)), text="FROM a\nRUN <<E\n") == []


def test_opinions_of_hadolint_are_information() -> None:
    file = LintFile("Dockerfile", "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n", Kind.DOCKERFILE)

    def found(settings: Settings | None) -> dict[str, Severity]:
        how = (lambda _: settings) if settings else None
        return {one.code: one.severity for one in lint([file], today=TODAY, tools=Tools(rules=[]), settings=how)}  # type: ignore[arg-type]

    assert found(None)["DL3008"] is Severity.WARNING
    assert found(Settings())["DL3008"] is Severity.INFO
    assert found(Settings(severity={"DL3008": Severity.WARNING}))["DL3008"] is Severity.WARNING
    assert found(None).keys() == found(Settings()).keys()
    assert found(Settings(hadolint=False)) == {}


def test_hadolint_can_be_off_for_some_files() -> None:
    write("a/.envgen-lint.yaml", "hadolint: false\n")
    files = [LintFile(path, "FROM debian\n", Kind.DOCKERFILE) for path in ("Dockerfile", "a/Dockerfile")]
    found = lint(files, today=TODAY, tools=Tools(rules=[]), settings=Configurations(names).of)
    assert [(one.file, one.code) for one in found] == [("Dockerfile", "DL3006")]


def test_a_hadolint_that_nobody_wants_need_not_be_there() -> None:
    tools = Tools(hadolint=lambda: pytest.fail("looked for hadolint"), rules=[])
    file = LintFile("Dockerfile", "FROM debian\n", Kind.DOCKERFILE)
    assert lint([file], today=TODAY, tools=tools, settings=lambda _: Settings(hadolint=False)) == ()


def test_findings_in_other_files_have_their_own_settings() -> None:
    write("a/.envgen-lint.yaml", "ignore: [EG002]\n")
    found = [
        Finding(code="EG002", severity=Severity.ERROR, file=path, line=1, column=1, message="m")
        for path in ("a/Dockerfile", "b/Dockerfile")
    ]
    left = lint(found, today=TODAY, tools=Tools(hadolint=None, rules=[]), settings=Configurations(names).of)
    assert [one.file for one in left] == ["b/Dockerfile"]
