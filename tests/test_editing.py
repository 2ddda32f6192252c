"""A service is added to a spec's text, and every other byte stays."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envgen.editing import with_services
from envgen.finding import EnvgenError
from envgen.source import parse

DB = {"db": {"preset": "postgres"}}
HEAD = "envgen: 1\nname: shop\n"


def added(text: str, path: str = "envgen.yaml") -> str:
    """What was put in, after it was checked that nothing else changed."""
    after = with_services(text, path, DB)
    at = next((index for index, (one, other) in enumerate(zip(text, after, strict=False)) if one != other), len(text))
    # what is put in may begin as what follows it does: then it is the later one of two equal places
    length = len(after) - len(text)
    assert any(after[:start] + after[start + length :] == text for start in range(at, -1, -1))
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the end of the file, with and without a line's end
        ("services:\n  a:\n    image: x\n", "services:\n  a:\n    image: x\n+  db:\n+    preset: postgres\n"),
        ("services:\n  a:\n    image: x", "services:\n  a:\n    image: x\n+  db:\n+    preset: postgres\n"),
        # comments of the last service, comments of what follows
        (
            "services:\n  a: {image: x} # k\n  # b: later\n\n# volumes\nvolumes: {}\n",
            "services:\n  a: {image: x} # k\n  # b: later\n+  db:\n+    preset: postgres\n\n# volumes\nvolumes: {}\n",
        ),
        # the file's own indentation and empty lines
        (
            "services:\n    a:\n        image: x\n\n    # 2\n    b:\n        image: y\n",
            (
                "services:\n    a:\n        image: x\n\n    # 2\n    b:\n        image: y\n"
                "+\n+    db:\n+        preset: postgres\n"
            ),
        ),
        # text that holds its empty lines
        (
            "services:\n  a:\n    x-t: |+\n      text\n\n\nname: x\n",
            "services:\n  a:\n    x-t: |+\n      text\n\n\n+  db:\n+    preset: postgres\nname: x\n",
        ),
        (
            "services:\n  a:\n    x-t: |\n      text\n\n\nname: x\n",
            "services:\n  a:\n    x-t: |\n      text\n+  db:\n+    preset: postgres\n\n\nname: x\n",
        ),
        # an alias stands where it stands, not where its anchor does
        (
            "x-a: &a {image: x}\nservices:\n  a: *a\n  b: {<<: *a}\n",
            "x-a: &a {image: x}\nservices:\n  a: *a\n  b: {<<: *a}\n+  db:\n+    preset: postgres\n",
        ),
        # a document's end
        (
            "---\nservices:\n  a: {image: x}\n...\n",
            "---\nservices:\n  a: {image: x}\n+  db:\n+    preset: postgres\n...\n",
        ),
        # no services yet
        ("services:\nname: x\n", "services:\n+  db:\n+    preset: postgres\nname: x\n"),
        ("name: x # k\n", "name: x # k\n+\n+services:\n+  db:\n+    preset: postgres\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_block_style(before: str, after: str, newline: str, mark: str) -> None:
    text = mark + before.replace("\n", newline)
    expected = mark + after.replace("\n+", "\n").replace("\n", newline)
    assert with_services(text, "envgen.yaml", DB) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"services": {"a": {}}}', '{"services": {"a": {}, "db": {"preset": "postgres"}}}'),
        ('{"services": {}, "x-a": 1}', '{"services": {"db": {"preset": "postgres"}}, "x-a": 1}'),
        ('{"name": "x"}', '{"name": "x", "services": {"db": {"preset": "postgres"}}}'),
        ("services: {a: {image: x}}\n", 'services: {a: {image: x}, "db": {"preset": "postgres"}}\n'),
        (
            '{\n  "services": {\n    "a": {\n      "image": "x"\n    }\n  }\n}\n',
            '{\n  "services": {\n    "a": {\n      "image": "x"\n    },\n    "db": {"preset": "postgres"}\n  }\n}\n',
        ),
    ],
)
def test_flow_style_and_json(before: str, after: str) -> None:
    path = "envgen.json" if before.startswith("{") else "envgen.yaml"
    assert added(before, path) == after
    if path == "envgen.json":
        json.loads(after)


@pytest.mark.parametrize(
    "text",
    [
        "x-s: &s {a: {image: x}}\nservices: *s\n",
        "services: null\n",
        "services: [a]\n",
        "services: text\n",
        "- services\n",
        "services:\n  ? a\n  : image: x\n",
    ],
)
def test_what_has_no_place_is_refused_with_the_lines_to_write(text: str) -> None:
    with pytest.raises(EnvgenError) as raised:
        with_services(text, "envgen.yaml", DB)
    (finding,) = raised.value.findings
    assert finding.hint == "write it by hand: `db: {preset: postgres}`"


def test_a_name_that_is_taken_is_refused_where_it_stands() -> None:
    with pytest.raises(EnvgenError) as raised:
        with_services("services:\n  a: {image: x}\n  db: {image: y}\n", "envgen.yaml", {"new": {}, **DB})
    (finding,) = raised.value.findings
    assert (finding.code, finding.line, finding.column) == ("EG022", 3, 3)
    assert finding.hint == "`--as NAME` gives the new one another name"


def test_names_and_values_that_yaml_would_read_as_something_else_are_quoted() -> None:
    entries = {"1": {"uses": "1e3"}, "null": {"command": ["a b", "c,d", "{", "- x", "é", "", "true", "a: b"]}}
    after = with_services(HEAD + "services:\n  a: {image: x}\n", "envgen.yaml", entries)
    data = parse(after, "envgen.yaml").data
    assert isinstance(data, dict)
    assert data["services"] == {"a": {"image": "x"}, **entries}


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.text("abc-1", min_size=1), st.dictionaries(st.text("xyz", min_size=1), VALUES), max_size=4),
    st.integers(1, 6),
    st.sampled_from([None, True, False]),
    st.booleans(),
    WORDS,
)
def test_whatever_stands_in_the_file_stays(
    services: dict[str, object],
    indent: int,
    flow: bool | None,  # noqa: FBT001 - hypothesis' arguments
    is_last: bool,  # noqa: FBT001
    note: str,
) -> None:
    data = {"services": services, "x-z": 1} if not is_last else {"x-z": 1, "services": services}
    text = yaml.safe_dump(data, indent=indent, default_flow_style=flow, sort_keys=False, allow_unicode=True)
    text = text.replace("\n", f" # {note}\n", 1) if flow is False else text
    found = parse(text, "envgen.yaml")
    after = parse(added(text), "envgen.yaml")
    assert isinstance(found.data, dict)
    there = found.data["services"]  # as compose reads what PyYAML wrote: `0E0` is a number
    assert isinstance(there, dict)
    assert after.data == {**found.data, "services": {**there, **DB}}
