from pathlib import Path

import pytest
from plans import HEAD, node

from envgen.plan import Context
from envgen.project import find_spec, read_contexts
from envgen.source import parse
from envgen.spec import load


def read(text: str, root: Path) -> dict[str, Context]:
    return dict(read_contexts(load(parse(HEAD + text, "envgen.yaml")), root))


@pytest.mark.parametrize("name", ["envgen.yaml", "envgen.yml", "envgen.json"])
def test_a_spec_is_found_upwards(tmp_path: Path, name: str) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / name).write_text("")
    assert find_spec(below) == tmp_path / name


def test_the_nearest_spec_is_found_and_a_folder_is_none(tmp_path: Path) -> None:
    below = tmp_path / "a"
    (below / "envgen.yaml").mkdir(parents=True)
    (tmp_path / "envgen.yaml").write_text("")
    assert find_spec(below) == tmp_path / "envgen.yaml"
    (below / "envgen.json").write_text("")
    assert find_spec(below) == below / "envgen.json"


def test_contexts_of_rendered_images_are_read(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "package.json").write_text("{}")
    (tmp_path / "api" / ".dockerignore").write_text("\ufeff# a comment\n*.log\n\n !keep.log \r\n#no\n")
    found = read(node("build: ./api/") + "  b: {image: x, build: ./plain}\n", tmp_path)
    assert found["api"].ignore == ("*.log", "!keep.log")
    there = {name: text for name, text in found["api"].files.items() if text is not None}
    assert there == {"package.json": "{}"}
    assert "package-lock.json" in found["api"].files


@pytest.mark.parametrize(
    "keys", ["build: api", "build: {context: ./api}", "build: {run: x}"], ids=["short", "long", "default"]
)
def test_contexts_in_every_form(tmp_path: Path, keys: str) -> None:
    found = read("defaults: {build: {context: api}}\n" + node(keys), tmp_path)
    assert found == {"api": Context(exists=False)}


@pytest.mark.parametrize("context", ["'${DIR}'", "https://x.org/a.git"])
def test_contexts_that_are_no_folder_are_not_read(tmp_path: Path, context: str) -> None:
    assert read(node(f"build: {{context: {context}}}"), tmp_path) == {}


def test_files_that_cannot_be_read_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "package.json").mkdir()
    (tmp_path / "package-lock.json").write_bytes(b"x" * (8 * 1024 * 1024 + 1))
    files = read(node(), tmp_path)["."].files
    assert (files.get("package.json"), files["package-lock.json"]) == (None, None)


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_bytes(b"\xff")
    assert read(node(), tmp_path)["."].files["package.json"] == "\ufffd"
