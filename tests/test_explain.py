"""`envgen explain`, and the pages in docs/rules/, which are generated from the rules.

After a change of rules: ENVGEN_REFRESH=1 python -m pytest tests/test_explain.py -k pages, and read the diff.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from envgen import cli
from envgen.codes import CODES
from envgen.lint import documentation
from envgen.lint.about import SCOPES, about, every, search, url_of
from envgen.lint.engine import catalogue
from envgen.lint.rules import all_rules

PAGES = Path(__file__).resolve().parent.parent / "docs" / "rules"

STAGE_NAME_CASING = """\
EG101 stage-name-casing: warning, on by default, since rule set 1

A stage's name should be in lower case.

Docker compares stage names without regard to case, so `Build` and `build` are one stage that reads like two; all
lower case can't be misread.

Bad:

    FROM node:22 AS Build

Good:

    FROM node:22 AS build

The same elsewhere: buildkit/StageNameCasing (https://docs.docker.com/reference/build-checks/stage-name-casing/)

To silence one finding: `# envgen: ignore=EG101 (reason)` on the line above it.
To silence all of them: `ignore: [stage-name-casing]` in `.envgen-lint.yaml`.
"""

Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture
def explain(capfd: pytest.CaptureFixture[str]) -> Explain:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exited:
            cli.main(["explain", *arguments])
        assert isinstance(exited.value.code, int)
        return (exited.value.code, *capfd.readouterr())

    return call


@pytest.mark.parametrize(
    "word", ["EG101", "eg101", "stage-name-casing", "Stage-Name-Casing", "buildkit/StageNameCasing"]
)
def test_a_rule_is_explained_by_its_code_and_names(word: str, explain: Explain) -> None:
    assert explain(word) == (0, STAGE_NAME_CASING, "")


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_is_explained(code: str) -> None:
    (one,) = search(code)
    known = catalogue()[code]
    assert (one.name, one.severity, one.summary) == (known.name, known.severity, known.summary)
    text = documentation.text(one)
    assert text.startswith(f"{code} {known.name}: {known.severity}")
    assert not re.search(r"\n{3}|[ \t]\n", text)


def test_a_rule_is_explained_in_full() -> None:
    for rule in all_rules():
        one = about(rule.code)
        assert all((one.reason, one.bad, one.good)), f"{rule.name} is not explained in the form of the others"
        assert one.scope is SCOPES[rule.code[:3]]


def test_another_tools_name_is_enough(explain: Explain) -> None:
    for word in ("CL-0002", "compose-lint/cl-0002"):
        code, out, _ = explain(word)
        assert code == 0
        assert out.startswith("EG230 privileged:")


def test_hadolints_codes_point_to_its_wiki_and_to_our_rules(explain: Explain) -> None:
    code, out, _ = explain("dl3006")
    assert code == 0
    assert out.startswith("DL3006\n\nThe rule DL3006 of hadolint,")
    assert "\nhadolint explains it: https://github.com/hadolint/hadolint/wiki/DL3006\n" in out
    assert "`# hadolint ignore=DL3006`" in out
    assert "\nShellCheck explains it: https://www.shellcheck.net/wiki/SC2086\n" in explain("SC2086")[1]
    pairs = [
        (rule, name.partition("/")[2])
        for rule in all_rules()
        for name in rule.same_as
        if name.startswith(("hadolint/DL", "hadolint/SC"))
    ]
    for rule, name in pairs:
        assert f"envgen/{rule.code}" in about(name).same_as


def test_only_pages_that_exist_are_linked() -> None:
    assert (
        url_of("buildkit/JSONArgsRecommended")
        == "https://docs.docker.com/reference/build-checks/json-args-recommended/"
    )
    assert url_of("buildkit/SecretsUsedInArgOrEnv") == (
        "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/"
    )
    for name in (
        "buildkit/parse error",
        "buildkit/NoSuchCheck",
        "hadolint/DL1000",
        "hadolint/x",
        "tally/DL3006",
        "kics/X",
    ):
        assert url_of(name) is None


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("stage-name-csing", "did you mean `stage-name-casing`?"),
        ("stage_name_casin", "did you mean `stage-name-casing`?"),
        ("e101", "did you mean `EG101`?"),
        ("EG999", "`envgen explain` lists them all"),
        ("nothing like it", "`envgen explain` lists them all"),
        ("", "`envgen explain` lists them all"),
    ],
)
def test_an_unknown_name_exits_with_2_and_a_hint(word: str, hint: str, explain: Explain) -> None:
    code, out, _ = explain(word)
    assert code == 2
    assert out == f"envgen: error: there is no rule `{word}` [EG090]\n  help: {hint}\n"


@pytest.mark.parametrize("arguments", [["EG101", "--list"], ["EG101", "--format", "sarif"]])
def test_bad_usage_exits_with_2(arguments: list[str], explain: Explain) -> None:
    assert explain(*arguments)[0] == 2


def test_without_a_code_all_are_listed(explain: Explain) -> None:
    code, out, _ = explain()
    assert code == 0
    assert explain("--list") == (0, out, "")
    rows = [line.split(maxsplit=3) for line in out.splitlines()]
    assert [row[:3] for row in rows] == [[one.id, one.name, one.severity.value] for one in catalogue().values()]


def test_json_of_one_and_of_all(explain: Explain) -> None:
    (rule,) = json.loads(explain("EG101", "--format", "json")[1])["rules"]
    assert (rule["code"], rule["bad"], rule["good"]) == ("EG101", "FROM node:22 AS Build", "FROM node:22 AS build")
    assert (rule["default"], rule["since"], rule["scope"], rule["tool"]) == (True, 1, "dockerfile", "envgen")
    report = json.loads(explain("--format", "json")[1])
    assert report["version"] == 1
    assert [one["code"] for one in report["rules"]] == list(catalogue())


def test_it_needs_no_network() -> None:
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from envgen import cli; cli.main(['explain', sys.argv[1]])\n"
    )
    subprocess.run([sys.executable, "-c", program, "DL3006"], check=True, capture_output=True)


# docs/rules/


def test_pages_are_what_the_rules_say() -> None:
    pages = documentation.pages(every())
    if "ENVGEN_REFRESH" in os.environ:
        PAGES.mkdir(parents=True, exist_ok=True)
        for path in PAGES.glob("*.md"):
            path.unlink()
        for name, text in pages.items():
            (PAGES / name).write_text(text, encoding="utf-8")
    assert {path.name for path in PAGES.iterdir()} == set(pages)
    changed = [name for name, text in pages.items() if (PAGES / name).read_text(encoding="utf-8") != text]
    assert not changed, "run ENVGEN_REFRESH=1 python -m pytest tests/test_explain.py -k pages"


def test_pages_link_only_to_what_is_there() -> None:
    pages = documentation.pages(every())
    index = pages["README.md"]
    links = re.findall(r"\]\(([^)]+)\)", index)
    assert set(links) == set(pages) - {"README.md"}
    assert len(links) == len(all_rules())
    for code in CODES:
        assert f"| {code} |" in index


def test_examples_of_several_files_are_blocks_with_their_names() -> None:
    written = documentation.markdown(about("EG301"))
    assert "`Dockerfile`\n\n```dockerfile\nFROM node:22 AS production\n```\n" in written
    assert "`compose.yaml`\n\n```yaml\nservices:\n" in written
    assert "\n--- " not in written


def test_code_blocks_are_closed_in_every_page() -> None:
    for name, text in documentation.pages(every()).items():
        fences = [line for line in text.splitlines() if line.startswith("```")]
        assert len(fences) % 2 == 0, name
        assert all(line == "```" for line in fences[1::2]), name
