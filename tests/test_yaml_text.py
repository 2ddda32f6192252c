import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import BATCH, NASTY, compose_config, literals

from envgen import scalars
from envgen.plan.model import Value
from envgen.targets.yaml_text import block, scalar

ruamel = pytest.importorskip("ruamel.yaml", reason="ruamel.yaml reads YAML 1.2")

_INT64 = 2**63
# what compose can hold: no infinity, no NaN, and integers up to 64 bits
numbers = st.one_of(
    st.integers(-_INT64, 2 * _INT64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 0.5]),
)
keys = literals.filter(lambda key: not key.startswith("x-"))
values = st.recursive(
    st.one_of(literals, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)
maps = st.dictionaries(keys, values, min_size=1, max_size=5)


class _Loader(yaml.BaseLoader):
    """PyYAML's tree, its scalars resolved as compose does."""


def _construct(loader: _Loader, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            plain = node.style is None
            return scalars.resolve(node.value, plain, None)
        case yaml.SequenceNode():
            return [_construct(loader, item) for item in node.value]
        case yaml.MappingNode():
            pairs = [(_construct(loader, key), _construct(loader, item)) for key, item in node.value]
            assert len(dict(pairs)) == len(pairs)
            return dict(pairs)
    raise AssertionError(node)


def by_pyyaml(text: str) -> Any:
    loader = _Loader(text)
    return _construct(loader, loader.get_single_node())


def by_ruamel(text: str) -> Any:
    return ruamel.YAML(typ="safe", pure=True).load(text)


def single_dollars(value: Any) -> Any:
    """What compose makes of values in which every dollar is doubled; it takes keys as they are."""
    match value:
        case str():
            assert "$" not in value.replace("$$", "")
            return value.replace("$$", "$")
        case list():
            return [single_dollars(item) for item in value]
        case dict():
            return {key: single_dollars(item) for key, item in value.items()}
    return value


def same(one: object, other: object) -> bool:
    """Equal in value and type, at any depth: 1, 1.0 and true are different things."""
    return json.dumps(one) == json.dumps(other)


@settings(max_examples=400, deadline=None)
@given(maps)
@example({text: text for text in NASTY})
@example({"list": list(NASTY)})
@example({"lists": [[[*NASTY]], {"map": [*NASTY]}]})
@example({"x" * 2000: "long key", "y" * 1024: [1], "z" * 1100: {"$a" * 700: "a\nb"}})
@example({"a": [["b\n\nc", {"d": "e\n\nf"}]]})
def test_every_reader_finds_the_same_values(value: Mapping[str, Value]) -> None:
    text = block(value, 0) + "\n"  # as the template ends it
    for read in (by_pyyaml, by_ruamel):
        assert same(single_dollars(read(text)), value), text


@BATCH
@given(st.lists(values, min_size=20, max_size=40))
@example(list(NASTY))
def test_compose_finds_the_same_values(found: list[Value]) -> None:
    # top-level x- keys are interpolated, and come back as they are
    text = block({"services": {"a": {"image": "x"}}, "x-values": found}, 0)
    assert normal(compose_config(text)["x-values"]) == normal(found)


def normal(value: object) -> str:
    """JSON in which numbers and empty lists are what Go's encoder makes of them: it writes 1.0 as 1, and [] as null."""
    return json.dumps(_go(value), sort_keys=True)


def _go(value: object) -> object:
    match value:
        case []:
            return None
        case bool():
            return value
        case int() | float():
            return {"number": float(value) + 0.0}  # -0.0 is 0
        case list():
            return [_go(item) for item in value]
        case dict():
            return {key: _go(item) for key, item in value.items()}
    return value


@settings(max_examples=400, deadline=None)
@given(maps, st.sampled_from([0, 2, 4]))
def test_the_text_is_tidy(value: Mapping[str, Value], indent: int) -> None:
    text = block(value, indent)
    assert "\t" not in text
    assert "\r" not in text
    lines = text.split("\n")
    assert [line for line in lines if line.endswith(" ")] == []
    assert all(line.startswith(" " * indent) for line in lines if line)
    assert text == block(dict(value), indent)


@settings(max_examples=200, deadline=None)
@given(maps)
def test_indentation_changes_no_value(value: Mapping[str, Value]) -> None:
    assert same(single_dollars(by_pyyaml("top:\n" + block({"a": 1, **value}, 4)))["top"], {"a": 1, **value})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("node", "node"),
        ("node:16-slim", "node:16-slim"),
        ("a b", "a b"),
        ("10s", "10s"),
        ("127.0.0.1", "127.0.0.1"),
        ("/var/lib", "/var/lib"),
        ("", '""'),
        ("yes", '"yes"'),
        ("3000", '"3000"'),
        ("a: b", '"a: b"'),
        ("$X", '"$$X"'),
        ('say "hi"', "'say \"hi\"'"),
        ("node\n", '"node\\n"'),
        ("10s\n", '"10s\\n"'),
        ("\x85\u2028\ufeff", '"\\u0085\\u2028\\ufeff"'),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        (None, "null"),
    ],
)
def test_scalars_look_as_a_person_would_write_them(value: Value, text: str) -> None:
    assert scalar(value) == text


def test_a_literal_block_is_used_where_it_can_hold_the_text() -> None:
    assert block({"a": "b\n\n  c\n", "d": [{"x": "e\nf"}], "g": "h \ni"}, 2).split("\n") == [
        "  a: |",
        "    b",
        "",
        "      c",
        "  d:",
        "    - x: |-",
        "        e",
        "        f",
        '  g: "h \\ni"',
    ]


def test_a_key_is_no_text_that_compose_replaces_in() -> None:
    assert block({"$a": "$b"}, 0) == '"$a": "$$b"'
