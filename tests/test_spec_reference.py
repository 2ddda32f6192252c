"""docs/spec.md is what the models say.

After a change of the models: ENVGEN_REFRESH=1 python -m pytest tests/test_spec_reference.py, and read the diff.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from envgen.compose_schema import service_properties, top_level_keys
from envgen.spec import model
from envgen.spec.build import Assets, Build, Steps
from envgen.spec.composed import Include, Parameter
from envgen.spec.lint_settings import IgnoredRule, LintSettings
from envgen.spec.reference import spec_reference
from envgen.spec.runtime import Eol, Runtime, User
from envgen.spec.variable import Generate, Variable

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "spec.md"
MODELS: dict[str, type[BaseModel]] = {
    found.__name__: found
    for found in (
        model.Spec, model.Service, model.Outputs, model.Port, model.Healthcheck, Build, Assets, Steps, Include,
        Parameter, LintSettings, IgnoredRule, Runtime, Eol, User, Variable, Generate,
    )
}  # fmt: skip
FIELDS = [
    (name, field.alias or key, field)
    for name, found in MODELS.items()
    for key, field in found.model_fields.items()
    if key != "sections"
]


@cache
def sections() -> dict[str, str]:
    _, *parts = re.split(r"^## ", spec_reference(), flags=re.MULTILINE)
    return {name: body for name, _, body in (part.partition("\n") for part in parts)}


def row(name: str, key: str) -> str:
    (found,) = re.findall(rf"^\| `{re.escape(key)}` \| .*$", sections()[name], re.MULTILINE)
    return str(found)


def test_the_page_is_what_the_models_say() -> None:
    text = spec_reference()
    if "ENVGEN_REFRESH" in os.environ:
        PAGE.write_text(text, encoding="utf-8")
    changed = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text
    assert not changed, "run ENVGEN_REFRESH=1 python -m pytest tests/test_spec_reference.py"


def test_each_model_has_a_section_and_nothing_else_has() -> None:
    assert sections().keys() == MODELS.keys()


@pytest.mark.parametrize(("name", "key", "field"), FIELDS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_key_is_described_and_its_examples_are_valid_yaml_for_it(name: str, key: str, field: FieldInfo) -> None:
    text = row(name, key)
    assert field.description
    assert " ".join(field.description.split()) in text.replace("\\|", "|")
    assert ("*required*" in text) is field.is_required()
    shown = re.search(r" Examples?: (.*)\. \|$", text)
    examples = re.findall(r"`((?:[^`])+)`", shown[1]) if shown else []
    assert [yaml.safe_load(example) for example in examples] == list(field.examples or ())
    for example in field.examples or ():
        # a field's own annotation, with its constraints: what a spec is held against
        TypeAdapter(field.rebuild_annotation()).validate_python(example)


def test_it_says_whose_a_key_is() -> None:
    for key in model.Service.model_fields:
        whose = "envgen" if key in model.ENVGEN_ONLY_SERVICE_KEYS else "compose"
        assert row("Service", key).startswith(f"| `{key}` | {whose} |")
    for key in Build.model_fields:
        whose = "envgen" if key in model.ENVGEN_ONLY_BUILD_KEYS else "compose"
        assert row("Build", key).startswith(f"| `{key}` | {whose} |")


def test_all_of_composes_keys_are_named() -> None:
    for key in service_properties():
        assert f"`{key}`" in sections()["Service"], key
    for key in top_level_keys():
        assert f"`{key}`" in sections()["Spec"], key


@pytest.mark.parametrize(
    ("name", "key", "takes"),
    [
        ("Service", "build", "text, or a map [Build](#build)"),
        ("Service", "ports", "a list (each text, a number, or a map [Port](#port))"),
        ("Service", "uses", "text, a map [Runtime](#runtime), or a list (each text, or a map [Runtime](#runtime))"),
        ("Spec", "runtimes", "a map (each a map [Runtime](#runtime))"),
        ("Variable", "deliver", "`file` or `env`"),
        ("Generate", "length", "a whole number from 8 to 1024"),
        ("Variable", "default", "text, a number, true or false"),
        ("Eol", "until", "a day (`2099-12-31`)"),
    ],
)
def test_what_a_key_takes_is_said_in_words(name: str, key: str, takes: str) -> None:
    assert f"| {takes} |" in row(name, key)


def test_links_of_the_page_lead_somewhere() -> None:
    text = spec_reference()
    anchors = {heading.lower() for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        if not path:
            assert anchor in anchors, target
        elif not path.startswith("https://"):
            linked = DOCS / path
            assert linked.exists(), target
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
            assert not anchor or anchor in [heading.lower().replace(" ", "-") for heading in headings], target
