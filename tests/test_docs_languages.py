"""The guides of the languages: each snippet renders without a finding, and each language has one."""

import re
from pathlib import Path

import pytest

from envgen import runtimes
from envgen.plan import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec import load

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted(ROOT.glob("docs/languages/*.md"))
SNIPPETS = [
    (guide, snippet)
    for guide in GUIDES
    for snippet in re.findall(r"^```yaml\n(.*?)^```$", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize(("guide", "snippet"), SNIPPETS, ids=lambda value: getattr(value, "stem", ""))
def test_each_snippet_renders(guide: Path, snippet: str) -> None:  # noqa: ARG001 - it names the case
    text = snippet if snippet.startswith("envgen:") else f"envgen: 1\nname: shop\n{snippet}"
    assert render(resolve(load(parse(text, "envgen.yaml"))))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_a_guide_is_of_a_language_and_names_all_of_its_options(guide: Path) -> None:
    language = runtimes.find(guide.stem)
    assert language is not None
    text = guide.read_text(encoding="utf-8")
    assert all(f"{option}:" in text or f"`{option}`" in text for option in language.options)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_files_that_a_guide_points_to_are_there(guide: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", guide.read_text(encoding="utf-8"))
    assert all((guide.parent / target).exists() for target in targets)
