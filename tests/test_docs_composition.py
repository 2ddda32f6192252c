"""Every snippet of docs/environments.md and docs/composition.md is what it says it is."""

import json
import re
from pathlib import Path

import pytest
from composed import plan_of, spec_of

from envgen.plan.placing import origins
from envgen.render import render

DOCS = Path(__file__).resolve().parent.parent / "docs"
ENVIRONMENTS = (DOCS / "environments.md").read_text(encoding="utf-8")
COMPOSITION = (DOCS / "composition.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def projects() -> list[dict[str, str]]:
    """The projects of composition.md: each block names its file, and `envgen.yaml` starts a project."""
    found: list[dict[str, str]] = []
    for block in blocks(COMPOSITION, "yaml"):
        name = block.partition("\n")[0].removeprefix("# ")
        if name == "envgen.yaml":
            found.append({})
        found[-1][name] = block
    return found


@pytest.mark.parametrize("number", range(len(projects())))
def test_projects_of_several_files_render(number: int) -> None:
    files = projects()[number]
    assert len(files) > 1
    assert render(plan_of(files))


def test_what_composition_md_says_of_its_projects() -> None:
    tools, twice, monorepo = (
        {service.name: service.compose for service in plan_of(files).services} for files in projects()
    )
    assert tools["mail"]["env_file"] == "./tools/mail.env"
    assert tools["api"]["logging"] == {"driver": "json-file", "options": {"max-size": "50m", "max-file": "3"}}
    assert twice["invoices"]["command"] == ["invoices", "reminders"]
    assert twice["mails"]["hostname"] == "worker-mails"
    assert monorepo["api"]["env_file"] == [{"path": "./apps/api/api.env", "required": False}]


def test_the_spec_of_environments_md_renders_and_has_the_origins_that_it_shows() -> None:
    shop, outputs = blocks(ENVIRONMENTS, "yaml")
    files = {"envgen.yaml": shop}
    plan = plan_of(files)
    assert [stack.compose_path for stack in plan.environments] == ["compose.dev.yaml", "compose.prod.yaml"]
    assert {image.name for image in plan.images} == {"api", "api.prod"}
    (shown,) = blocks(ENVIRONMENTS, "json")
    found = origins(plan.only("dev").base, spec_of(files).environment("dev"))
    said = json.loads(f"{{{shown}}}")["origins"]
    assert said == {route: found[route] for route in said}
    with_paths = plan_of({"envgen.yaml": shop + outputs})
    paths = [stack.compose_path for stack in with_paths.stacks]
    assert paths == ["docker-compose.yml", "docker-compose.development.yml", "docker-compose.prod.yml"]
