"""docs/presets.md: a section for each preset, and every piece of YAML in it is rendered."""

import os
import re
from pathlib import Path

import pytest
from oracles import compose_config
from plans import HEAD

from envgen import presets
from envgen.cli.presets import references, secrets
from envgen.plan import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

PAGE = Path(__file__).parent.parent / "docs" / "presets.md"
FOLDER = Path(presets.__file__).parent
MARK = "<!-- what follows is written by tests/test_presets_page.py -->\n"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run_on_an_engine(name: str) -> str:
    """What the head of a preset's file says about it."""
    head = " ".join(
        line.lstrip("# ") for line in (FOLDER / f"{name}.yaml").read_text().splitlines() if line.startswith("#")
    )
    if re.search(r"not run on an engine", head, re.IGNORECASE):
        return "not run"
    if re.search(r"runs on an engine", head, re.IGNORECASE):
        return "run"
    found = re.search(r"([^.;:]*\bon an engine\b[^.;:]*)", head)
    assert found, f"{name}: the head says nothing about an engine"
    return found[1].strip()


def variable(attribute: str) -> str:
    return attribute.upper()


def section(preset: presets.Preset) -> str:
    """A preset's part of the page."""
    name = preset.name
    values = references(preset, name)
    needed = secrets(preset, name)
    environment = "".join(f"      {variable(attribute)}: ${{{name}.{attribute}}}\n" for attribute in values)
    granted = f"    secrets: [{', '.join(needed)}]\n" if needed else ""
    lines = [
        f"\n## {name}\n\n{preset.summary}. Image `{preset.image}`; {run_on_an_engine(name)}.\n",
        f"\n```yaml\nservices:\n  {name}: {{preset: {name}}}\n  app:\n    image: company/app:1\n{granted}",
        f"    depends_on: {{{name}: {{condition: service_healthy}}}}\n    environment:\n{environment}```\n",
        "\n| reference | value |\n|---|---|\n",
        *(f"| `${{{name}.{attribute}}}` | `{value}` |\n" for attribute, value in values.items()),
    ]
    if needed:
        lines.append("\n| secret | what it is |\n|---|---|\n")
        lines += [f"| `secrets/{secret}` | {known.description or 'A file that the service reads.'} |\n"
                  for secret, known in needed.items()]  # fmt: skip
    lines += [f"\n- {note}\n" for note in preset.notes]
    return "".join(lines)


def sections() -> str:
    return "".join(section(preset) for name in presets.names() if (preset := presets.find(name)) is not None)


def test_there_is_a_section_for_each_preset_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, mark, written = page.partition(MARK)
    assert mark
    if os.environ.get("ENVGEN_REFRESH") == "1":
        PAGE.write_text(head + mark + sections(), encoding="utf-8")
    else:
        assert written == sections()


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_piece_of_yaml_is_rendered(number: int) -> None:
    text = BLOCKS[number]
    if text.startswith("services:"):
        spec = load(parse(HEAD + text, "envgen.yaml"))
        files = {one.path: one.text for one in render(resolve(spec))}
    else:
        preset = presets.read(parse(text, "presets/queue.yaml"), "queue")
        spec = load(parse(f"{HEAD}services:\n  queue: {{preset: ./presets/queue.yaml}}\n", "envgen.yaml"))
        files = {one.path: one.text for one in render(resolve(spec, presets={"./presets/queue.yaml": preset}))}
    assert compose_config(files["compose.yaml"])["services"]
