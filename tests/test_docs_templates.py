"""What docs/templates.md lists is what there is, and its templates render."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from jinja2 import Environment
from plans import plan_of

from envgen import runtimes
from envgen.cli import main
from envgen.resources import template_names, template_text
from envgen.targets import targets
from envgen.templating import Filters, Templates

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")
# one that uses every target and each of its templates
SPEC = """
services:
  a: {uses: node@24, command: [node, a.js], environment: {LEVEL: {default: info}}}
environments: {dev: {}}
outputs: {overlays: true}
"""


class Recorded(Templates):
    """What targets ask of templates."""

    def __init__(self) -> None:
        super().__init__()
        self.filters: dict[str, set[str]] = defaultdict(set)
        self.given: dict[str, set[str]] = {}

    def render(self, name: str, filters: Filters, /, **context: object) -> str:
        self.filters[name] |= filters.keys()
        self.given[name] = set(context)
        return super().render(name, filters, **context)


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    templates = Recorded()
    for target in targets().values():
        list(target(plan_of(SPEC), templates))
    return templates


def rows(heading: str) -> list[list[str]]:
    """The table of a section, without its head."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def words(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_every_template_is_in_the_table() -> None:
    assert set().union(*(words(row[0]) for row in rows("Templates"))) == template_names()
    assert {f"{language}/Dockerfile.j2" for language in runtimes.names()} <= template_names()


def test_templates_are_given_what_the_table_says(recorded: Recorded) -> None:
    said = {name: words(row[2]) for row in rows("Templates") for name in words(row[0])}
    assert recorded.given.keys() >= {"compose/overlay.yaml.j2", "env_example/env.j2", "dockerignore/dockerignore.j2"}
    for name, context in recorded.given.items():
        assert said[name] == context, name
    for name, given in said.items():
        assert not name.endswith("/Dockerfile.j2") or given == recorded.given["node/Dockerfile.j2"], name


def test_blocks_are_those_of_the_layout_in_their_order() -> None:
    text = template_text("dockerfile/layout.j2")
    assert text
    assert [row[0].strip("`") for row in rows("Blocks of a Dockerfile")] == re.findall(r"{% block (\w+) %}", text)


def test_macros_are_those_that_there_are() -> None:
    text = template_text("dockerfile/macros.j2")
    assert text
    assert set(re.findall(r"`write\.(\w+)`", PAGE)) == set(re.findall(r"{% macro (\w+)\(", text))


def test_filters_are_those_of_their_targets(recorded: Recorded) -> None:
    targets_of = {
        "Dockerfiles": ["node/Dockerfile.j2"],
        "compose files": ["compose/compose.yaml.j2"],
        "dockerignore": ["dockerignore/dockerignore.j2"],
        "env_example": ["env_example/env.j2"],
    }
    said: dict[str, set[str]] = defaultdict(set)
    for name, of, _ in rows("Filters"):
        said[of].add(name.strip("`"))
    assert said.keys() == targets_of.keys()
    for of, names in targets_of.items():
        assert said[of] == set().union(*(recorded.filters[name] for name in names)), of
    assert recorded.filters["compose/overlay.yaml.j2"] <= recorded.filters["compose/compose.yaml.j2"]
    every = set().union(*said.values())
    assert not every & Environment(autoescape=True).filters.keys(), "a filter of envgen's hides one of Jinja's"


def project(folder: Path) -> None:
    (spec,) = re.findall(r"^```yaml\n# envgen.yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (folder / "envgen.yaml").write_text(spec, encoding="utf-8")
    (folder / "NOTICE.txt").write_text("", encoding="utf-8")
    (folder / "package.json").write_text("{}", encoding="utf-8")
    (folder / "package-lock.json").write_text('{"lockfileVersion": 3}', encoding="utf-8")


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int | None)
    return ended.value.code or 0


TEMPLATES = re.findall(r"^```jinja\n{# (\S+) #}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("path", "text"), TEMPLATES, ids=[path for path, _ in TEMPLATES])
def test_templates_of_the_page_render(
    path: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert run(tmp_path, monkeypatch, "render") == 0, capfd.readouterr()
    written = (tmp_path / "api.Dockerfile").read_text(encoding="utf-8")
    added = next(line for line in text.splitlines() if line.startswith(("LABEL", "COPY")))
    assert f"\n{added.partition(' {{')[0].partition('=')[0]}" in written
    assert "HEALTHCHECK" in written
    assert run(tmp_path, monkeypatch, "lint") == 0, capfd.readouterr()


def test_there_are_templates() -> None:
    assert len(TEMPLATES) == 2


def test_an_error_looks_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (said,) = re.findall(r"^```\n(templates/.*\n)```$", PAGE, re.MULTILINE)
    project(tmp_path)
    (tmp_path / "templates" / "node").mkdir(parents=True)
    text = '{% extends "envgen/node/Dockerfile.j2" %}\n{% block files %}\n{{ image.nmae }}\n{% endblock %}\n'
    (tmp_path / "templates" / "node" / "Dockerfile.j2").write_text(text, encoding="utf-8")
    assert run(tmp_path, monkeypatch, "render") == 2
    assert said in capfd.readouterr().out


def test_a_template_that_shadows_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path)
    (tmp_path / "templates" / "nodes").mkdir(parents=True)
    (tmp_path / "templates" / "nodes" / "Dockerfile.j2").write_text("", encoding="utf-8")
    assert run(tmp_path, monkeypatch, "render") == 2
    assert "templates/nodes/Dockerfile.j2:1:1" in capfd.readouterr().out
