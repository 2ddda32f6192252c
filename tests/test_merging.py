from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.merging import Layer, lay, merge
from envgen.source import Data

data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("inherited", "written", "merged"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": "x"}, {"a": "x"}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({}, {"a": None}, {"a": None}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_maps_merge_deep_scalars_and_lists_replace_null_removes(
    inherited: object, written: object, merged: object
) -> None:
    assert merge(inherited, written) == merged  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inherited", "written", "merged"),
    [
        (["a", "b"], ["...", "c"], ["a", "b", "c"]),
        (["a", "b"], ["c", "..."], ["c", "a", "b"]),
        (["a", "b"], ["x", "...", "y"], ["x", "a", "b", "y"]),
        (["a", "b"], ["...", "a"], ["b", "a"]),
        (["a"], ["..."], ["a"]),
        (["a"], ["...", "b", "..."], ["a", "b"]),
        (None, ["...", "c"], ["c"]),
        ("text", ["...", "c"], ["text", "c"]),
    ],
)
def test_three_dots_in_a_list_keep_what_is_inherited(inherited: object, written: object, merged: object) -> None:
    assert merge({"volumes": inherited}, {"volumes": written}) == {"volumes": merged}  # type: ignore[dict-item]


@pytest.mark.parametrize("key", ["command", "entrypoint", "test"])
def test_three_dots_are_a_word_of_a_command_where_nothing_is_inherited(key: str) -> None:
    assert merge({}, {key: ["echo", "..."]}) == {key: ["echo", "..."]}
    assert merge({key: ["serve"]}, {key: ["...", "-v"]}) == {key: ["serve", "-v"]}


@pytest.mark.parametrize(
    ("key", "inherited", "merged"),
    [
        ("env_file", "a.env", ["a.env", "-H"]),
        ("command", "curl -H  b", ["curl", "-H", "b", "-H"]),
        ("command", ["curl", "-H", "b"], ["curl", "-H", "b", "-H"]),
        ("entrypoint", "sh -c 'a b'", ["...", "-H"]),  # how compose splits it is not envgen's to know
        ("command", "serve $PORT", ["...", "-H"]),
        ("test", "curl a", ["CMD-SHELL", "curl a", "-H"]),
    ],
)
def test_three_dots_keep_a_text_and_every_word_of_a_command(key: str, inherited: Data, merged: Data) -> None:
    assert merge({key: inherited}, {key: ["...", "-H"]}) == {key: merged}


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        ({"network_mode": "host"}, {"network_mode": None, "networks": ["a"]}, {"networks": ["a"]}),
        ({"networks": ["a"]}, {"network_mode": "host", "networks": None}, {"network_mode": "host"}),
        (
            {"healthcheck": {"http": "/", "interval": "3s"}},
            {"healthcheck": {"http": None, "test": "true"}},
            {"healthcheck": {"interval": "3s", "test": "true"}},
        ),
    ],
)
def test_a_null_may_say_what_goes_anyway(lower: Layer, upper: Layer, expected: Layer) -> None:
    assert lay(lower, upper) == expected


@given(data, data)
def test_neither_side_is_changed(inherited: object, written: object) -> None:
    before = deepcopy((inherited, written))
    merge(inherited, written)  # type: ignore[arg-type]
    assert (inherited, written) == before


@given(data)
def test_what_is_written_over_nothing_stays_but_for_the_dots(written: object) -> None:
    assert merge({}, {"k": written}) == {"k": written} or "..." in str(written)  # type: ignore[dict-item]
