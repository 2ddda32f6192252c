"""Whatever is written under `build`, for whatever language: it renders, always the same, and adds no instruction."""

import itertools
import json
import string
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from e2b_dockerfile_utils import parse_dockerfile_ast
from hypothesis import given, settings
from hypothesis import strategies as st
from language_samples import NODE, Keys, project, releases, sample
from oracles import NASTY, literals

from envgen import runtimes
from envgen.artifact import Artifact
from envgen.finding import EnvgenError
from envgen.plan import Context
from envgen.plan.resolve import resolve
from envgen.render import render
from envgen.source import parse
from envgen.spec.load import load

LANGUAGES = runtimes.names()
Texts = Iterator[str]
_ASSETS: Keys = {"uses": "node@24", "run": "npm run build"}

# how a key is written, with the literals that it holds
WRITTEN: Mapping[str, Callable[[Texts], Keys]] = {
    "run": lambda texts: {"run": [_listed(next(texts)), _listed(next(texts))]},
    "one-step": lambda texts: {"run": next(texts)},
    "install": lambda texts: {"install": next(texts)},
    "env": lambda texts: {"env": {"A": next(texts), "B": next(texts)}},
    "args": lambda texts: {"args": {"ARGUMENT": next(texts).replace("$", "$$")}},
    "before_install": lambda texts: {"steps": {"before_install": next(texts)}},
    "after_install": lambda texts: {"steps": {"after_install": [_listed(next(texts))]}},
    "before_build": lambda texts: {"steps": {"before_build": next(texts)}},
    "final": lambda texts: {"steps": {"final": [_listed(next(texts)), "true"]}},
    "files": lambda texts: {"files": [_listed(next(texts))]},
    "assets": lambda texts: {"assets": {**_ASSETS, "files": [_listed(next(texts))], "env": {"A": next(texts)}}},
    "assets-steps": lambda texts: {
        "assets": {**_ASSETS, "install": next(texts), "run": [_listed(next(texts))], "files": ["dist"]}
    },
    "packages": lambda _texts: {"packages": ["jq", "libpq5"]},
    "build_packages": lambda _texts: {"build_packages": ["patch"]},
    "certificates": lambda texts: {"certificates": [_listed(next(texts))]},
    "timezone": lambda _texts: {"timezone": "Etc/GMT+1"},
    "locale": lambda _texts: {"locale": "de_DE.UTF-8"},
    "secrets": lambda texts: {"secrets": ["plain", {"source": "file", "mount": f"/{next(texts)}"}]},
    "platforms": lambda _texts: {"platforms": ["linux/arm64"]},
    "dev": lambda _texts: {"target": "dev"},
    "test": lambda _texts: {"target": "test"},
}
_NEEDS_SHELL = {"packages", "final"}
_LEGAL = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=12)

chosen = st.sets(st.sampled_from(sorted(WRITTEN)), max_size=8)


def _listed(text: str) -> str:
    """`...` in a list means the inherited entries."""
    return "x" if text == "..." else text


def build(language: str, keys: set[str], texts: Texts) -> Keys:
    """The `build` that holds some keys, of those that the language's image can have."""
    wanted = keys - (set() if sample(language).shell else _NEEDS_SHELL)
    found: Keys = {}
    for key in sorted(wanted):
        for name, value in WRITTEN[key](texts).items():
            found[name] = {**found[name], **value} if name in ("steps", "assets") and name in found else value
    steps = found.get("steps", {})
    if {"before_install", "after_install"} & steps.keys() and "target" not in found:
        found.setdefault("run", "make")  # else nothing may be installed, which is refused
    if "assets" in found and ({"run", "install"} & found.keys() or "before_build" in steps):
        found.setdefault("files", ["out"])  # else a static site takes nothing of what is built, which is refused
    return found


def written(language: str, version: int, keys: Keys) -> list[Artifact]:
    spec = project(language, {"s": {"uses": ("one", "two", "alpine")[version], "command": ["app"], "build": keys}})
    context = Context(files={**NODE, **sample(language).files})
    return render(resolve(load(parse(json.dumps(spec), "envgen.json")), {"s": context}))


def shape(found: list[Artifact]) -> list[tuple[Any, ...]]:
    """The instructions of the Dockerfile without what their texts are; a RUN in exec form is one in shell form."""
    (text,) = [one.text for one in found if one.path.endswith("Dockerfile")]
    return [
        (one.name, [flag.partition(",target=")[0] for flag in one.flags], one.name == "RUN" or len(one.args))
        for one in parse_dockerfile_ast(text).instructions
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=25, deadline=None, derandomize=True)  # what a set of keys lacks to be legal is hard to foresee
@given(chosen, st.lists(_LEGAL, min_size=30, max_size=30), st.integers(0, 2))
def test_legal_values_never_fail_and_render_the_same(
    language: str, keys: set[str], texts: list[str], version: int
) -> None:
    version = min(version, len(releases(language)) - 1)
    made = build(language, keys, (f"{text}.crt" for text in texts))
    first, second = written(language, version, made), written(language, version, made)
    assert [(one.path, one.text) for one in first] == [(one.path, one.text) for one in second]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=12, deadline=None)
@given(chosen, st.lists(literals, min_size=30, max_size=30))
def test_no_text_adds_an_instruction(language: str, keys: set[str], texts: list[str]) -> None:
    check(language, keys, itertools.cycle(texts))


@pytest.mark.parametrize(("at", "key"), list(enumerate(WRITTEN)))
def test_no_nasty_text_adds_an_instruction(at: int, key: str) -> None:
    """A language a key, and every tenth text: all of them take minutes."""
    for text in NASTY[at % 10 :: 10]:
        check(LANGUAGES[at % len(LANGUAGES)], {key}, itertools.repeat(text))


def check(language: str, keys: set[str], texts: Texts) -> None:
    try:
        found = written(language, 0, build(language, keys, texts))
    except EnvgenError:
        return
    assert shape(found) == _plain(language, frozenset(keys))


@cache
def _plain(language: str, keys: frozenset[str]) -> list[tuple[Any, ...]]:
    return shape(written(language, 0, build(language, set(keys), itertools.repeat("x.crt"))))
