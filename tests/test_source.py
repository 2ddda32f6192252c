"""Text -> data and places: what loads, what is refused where and in which words, and that nothing can blow up."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envgen import source as source_module
from envgen import yaml_guard
from envgen.finding import EnvgenError, Finding, Severity
from envgen.source import Data, Problem, Route, Source, parse

HEAD = "name: t\nservices: {a: {image: b}}\n"
Config = Callable[[str], dict[str, Any] | None]


@pytest.fixture(scope="session")
def config() -> Config:
    """What docker-compose makes of the `x-` keys of a document below HEAD, or None when it refuses it."""
    beside = shutil.which("docker-compose", path=str(Path(sys.executable).parent))
    program = beside or shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed")

    def run(body: str) -> dict[str, Any] | None:
        command = [program, "-f", "-", "config", "--format", "json", "--no-interpolate"]
        done = subprocess.run(command, input=(HEAD + body).encode(), capture_output=True, check=False)
        if done.returncode:
            return None
        return {key: value for key, value in json.loads(done.stdout).items() if key.startswith("x-")}

    return run


def refused(content: bytes | str, path: str = "x.yaml") -> Finding:
    with pytest.raises(EnvgenError) as caught:
        parse(content, path)
    (finding,) = caught.value.findings
    return finding


def places(source: Source) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.line, finding.column) for finding in source.problems]


# --- what loads -------------------------------------------------------------------------------------------------------

SAME_AS_COMPOSE = {
    "merge a list, the first wins": "x-a: &a {p: 1, q: 1}\nx-b: &b {q: 2, r: 2}\nx-t:\n  <<: [*a, *b]\n  r: 3\n",
    "merge below a key": "x-a: &a {p: 1, q: 1}\nx-t:\n  q: 3\n  <<: *a\n",
    "merge an inline map": "x-t:\n  <<: {p: 1}\n  q: 2\n",
    "merge an alias of a list": "x-a: &a [{p: 1}, {p: 2, q: 3}]\nx-t:\n  <<: *a\n",
    "merge an empty list": "x-t:\n  <<: []\n  q: 1\n",
    "merge is quoted": 'x-a: &a {p: 1}\nx-t:\n  "<<": *a\n',
    "merge is tagged as text": "x-a: &a {p: 1}\nx-t:\n  !!str <<: *a\n",
    "merge keeps null": "x-a: &a {p: 1}\nx-t:\n  p:\n  <<: *a\n",
    "merge is shallow": "x-a: &a {p: {m: 1}}\nx-t:\n  <<: *a\n  p: {n: 2}\n",
    "merge of a merge": "x-a: &a {p: 1}\nx-b: &b {<<: *a, q: 2, p: 5}\nx-t:\n  <<: *b\n  r: 1\n",
    "merge of merges in a list": "x-a: &a {p: 1}\nx-b: &b {<<: *a}\nx-c: &c {p: 9}\nx-t:\n  <<: [*b, *c]\n",
    "merge within a merge": "x-t:\n  <<: {<<: {p: 1}, q: 2}\n",
    "alias as a key": "x-a: &a foo\nx-t:\n  *a : 1\n  foo2: 2\n",
    "anchor on a key": "x-t: {&k a: 1, b: *k}\n",
    "anchor defined twice": "x-t: [&a 1, *a, &a 2, *a]\n",
    "reset a value": "x-t: !reset 3\nx-u: 1\n",
    "reset nothing": "x-t: !reset\nx-u: 1\n",
    "reset a map": "x-t: !reset {a: 1}\nx-u: 1\n",
    "reset in a list": "x-t: [1, !reset 2, 3]\n",
    "reset through an alias": "x-a: &a !reset {p: 1}\nx-t:\n  k: *a\n  l: 1\n",
    "reset in what is merged": "x-a: &a {p: !reset 1, q: 1}\nx-t:\n  <<: *a\n  l: 1\n",
    "reset a merge": "x-a: &a {p: 1}\nx-t:\n  <<: !reset 1\n  l: 1\n",
    "reset uncovers what is merged": "x-a: &a {p: 1}\nx-t:\n  <<: *a\n  p: !reset 1\n",
    "override a list": "x-t: !override [010, true]\n",
    "override a scalar": "x-t: [!override 010, !override yes, !override null, !override ]\n",
    "override a map through an alias": "x-a: &a !override {p: 1}\nx-t:\n  k: *a\n",
    "urls in flow": "x-t: [redis://h:1, a:b, {x: a:1}]\n",
    "flow without values": "x-t: {a, b: 1}\nx-u: [a: 1, b]\n",
    "explicit keys": "x-t:\n  ? a\n  : 1\n  ? b\n",
    "standard tags": "x-t: [!!map {a: b}, !!seq [a], !!set {a}, !!omap [a: 1]]\n",
    "text blocks": "x-t: |\n  a\n   b\n\nx-u: >-\n  a\n  b\nx-v: |+\n  a\n\n",
    "escapes": "x-t: \"a\\tb\\x41\\u00e9\\U0001F600\\\n  c\"\nx-u: 'it''s'\n",
    "end mark": "x-t: 1\n...\n",
    "keys that are words": "x-t: {yes: 1, on: 2, =: 3, '': 4}\n",
}


@pytest.mark.parametrize("body", SAME_AS_COMPOSE.values(), ids=SAME_AS_COMPOSE)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_loads_the_same_as_compose(body: str, end: str, config: Config) -> None:
    source = parse((HEAD + body).replace("\n", end).encode(), "compose.yaml")
    assert not source.problems
    assert isinstance(source.data, dict)
    ours = {key: value for key, value in source.data.items() if key.startswith("x-")}
    assert ours == config(body)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff", "---\n", "--- # x\n...\n", "~", "!reset {a: 1}"])
def test_an_empty_file_has_no_data(text: str) -> None:
    source = parse(text, "x.yaml")
    assert source.data is None
    assert not source.problems
    assert source.place(("a", 0), at_key=True)[:2] >= (1, 1)
    assert parse(text.encode(), "x.yaml").data is None


def test_a_byte_order_mark_and_crlf_change_neither_data_nor_places() -> None:
    source = parse("a: b\r\nc:\r\n  - d\r\n".encode("utf-8-sig"), "x.yaml")
    assert source.data == {"a": "b", "c": ["d"]}
    assert source.place(("a",), at_key=True) == (1, 1, 1)
    assert source.place(("c", 0)) == (3, 5, 1)
    assert source.finding(Problem(code="EG012", route=("a",), message="m")).excerpt == "a: b"
    assert source.text == "a: b\nc:\n  - d\n"


def test_strings_and_bytes_load_alike() -> None:
    text = "é: 😀\n"
    assert parse(text, "x.yaml").data == parse(text.encode(), "x.yaml").data == {"é": "😀"}


def test_without_libyaml_the_same_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &a [1, 'x', !reset 2]\nb: {<<: {c: yes}, d: *a}\n80: |\n  é\n"
    with_c = parse(text, "x.yaml")
    monkeypatch.setattr(source_module, "_LOADER", yaml.BaseLoader)
    without = parse(text, "x.yaml")
    assert (without.data, without.problems) == (with_c.data, with_c.problems)
    assert refused("a: [").line == 1


def test_the_source_shows_no_nodes_and_is_frozen() -> None:
    source = parse("a: 1", "x.yaml")
    assert repr(source) == "Source(path='x.yaml', text='a: 1', data={'a': 1}, problems=())"
    with pytest.raises(AttributeError):
        source.path = "y"  # type: ignore[misc]


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_json_loads_with_tabs_slashes_and_surrogate_pairs_in_place() -> None:
    text = (
        '{\n\t"a\\ud83d\\ude00":\t"\\/\\ud83d\\ude00\\\\ud83d", "b": ["\x7f\u2028", tru],\n\t"c": \'\\ud83d\\ude00\'}'
    )
    source = parse(text, "x.json")
    assert source.data == {"a😀": "/😀\\ud83d", "b": ["\x7f\u2028", "tru"], "c": "\\ud83d\\ude00"}
    assert source.place(("a😀",), at_key=True) == (2, 2, 15)
    assert source.place(("a😀",)) == (2, 19, 23)
    for route in (("b", 0), ("b", 1)):
        line, column, width = source.place(route)
        assert text.split("\n")[line - 1][column - 1 : column - 1 + width] in ('"\x7f\u2028"', "tru")
    assert source.place(("b", 1))[1] - source.place(("b", 0))[1] == 6
    assert source.text == text


def test_json_is_known_by_its_brace_or_its_name() -> None:
    pair = '"\\ud83d\\ude00"'
    assert parse(f" {{{pair}: 1}}", "<stdin>").data == {"😀": 1}
    assert parse(pair, "X.JSON").data == "😀"
    assert refused(f"a: {pair}").code == "EG001"


def test_half_a_surrogate_pair_is_refused() -> None:
    finding = refused('{"a": "x\\ud83d"}', "x.json")
    assert (finding.code, finding.line, finding.column) == ("EG001", 1, 9)
    assert "\\ud83d" in finding.message
    assert refused('a: "\ud83d"').code == "EG002"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=100), inner),
    max_leaves=30,
)


@given(json_values, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_json_comes_back_as_it_went(value: Data, ascii_only: bool, indent: int | str | None) -> None:  # noqa: FBT001
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    source = parse(text.encode(), "x.json")
    assert source.data == value
    assert not source.problems


@given(st.dictionaries(st.text(max_size=50), st.text(), min_size=1), st.booleans())
def test_places_in_json_are_those_of_the_text(value: dict[str, str], ascii_only: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, ensure_ascii=ascii_only)
    source = parse(text, "x.json")
    for key, item in value.items():
        line, column, width = source.place((key,))
        assert (line, text[column - 1 : column - 1 + width]) == (1, json.dumps(item, ensure_ascii=ascii_only))
        line, column, width = source.place((key,), at_key=True)
        assert text[column - 1 : column - 1 + width] == json.dumps(key, ensure_ascii=ascii_only)


# --- problems that don't stop reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "data"),
    [
        ("a: 1\nb: 2\n'a': 3\n\"\\x61\": 4\n", [("EG004", 3, 1), ("EG004", 4, 1)], {"a": 1, "b": 2}),
        ("x: {a: 1, a: 2}\ny:\n  b: 1\n  b: 2\n", [("EG004", 1, 11), ("EG004", 4, 3)], {"x": {"a": 1}, "y": {"b": 1}}),
        ('80: a\n"80": b\n', [("EG005", 1, 1), ("EG004", 2, 1)], {"80": "a"}),
        ("k: &k a\n*k : 1\na: 2\n", [("EG004", 3, 1)], {"k": "a", "a": 1}),
        ("x: &a {p: 1}\ny:\n  <<: *a\n  <<: *a\n", [("EG004", 4, 3)], {"x": {"p": 1}, "y": {"p": 1}}),
        ("x: &a {p: 1}\ny:\n  <<: [*a, *a]\n  p: 2\n", [], {"x": {"p": 1}, "y": {"p": 2}}),
    ],
)
def test_every_duplicate_key_is_reported(text: str, expected: list[tuple[str, int, int]], data: Data) -> None:
    source = parse(text, "x.yaml")
    assert places(source) == expected
    assert source.data == data


def test_a_duplicate_names_the_line_of_the_first() -> None:
    (finding,) = parse("a: 1\n\nb: 2\na: 3\n", "x.yaml").problems
    assert finding.message == "the key `a` is already on line 1"
    assert (finding.excerpt, finding.width, finding.severity, finding.file) == ("a: 3", 1, Severity.ERROR, "x.yaml")


@pytest.mark.parametrize(
    ("key", "data"),
    [
        *((key, {key: "v"}) for key in ("80", "010", "true", "null", "~", "1.5", "-0", "0x1F", "1_000", ".inf")),
        ("!!int '80'", {"80": "v"}),
        ("[a]", {}),
        ("{a: b}", {}),
        ("? [a, b]\n  ", {}),
    ],
)
def test_keys_that_are_no_text_are_refused_as_by_compose(key: str, data: Data, config: Config) -> None:
    assert config(f"x-t:\n  {key}: v\n") is None
    source = parse(f"x-t:\n  {key}: v\n", "x.yaml")
    assert [(code, line) for code, line, _ in places(source)] == [("EG005", 2)]
    assert source.data == {"x-t": data}


def test_an_alias_of_a_number_is_no_key() -> None:
    source = parse("a: &a 80\n*a : b\n", "x.yaml")
    assert (source.data, places(source)) == ({"a": 80, "80": "b"}, [("EG005", 2, 1)])


def test_a_missing_key_has_its_place() -> None:
    finding = refused("x: 1\n: v\n")
    assert (finding.line, finding.column, finding.message) == (2, 1, "a key is missing before this `:`")
    (finding,) = parse("x:\n  ?\n  : v\n", "x.yaml").problems
    assert (finding.code, finding.line, finding.message) == ("EG005", 2, "a key is missing before this `:`")


def test_a_template_in_braces_is_a_mapping_as_key() -> None:
    (finding,) = parse("a: {{ x }}\n", "x.yaml").problems
    assert (finding.code, finding.column) == ("EG005", 5)
    assert "Quote" in str(finding.hint)


@pytest.mark.parametrize("value", ["3", "", "[[{p: 1}]]", "[null]", "&x 1", "[{p: 1}, x]"])
def test_only_mappings_can_be_merged(value: str, config: Config) -> None:
    assert config(f"x-t:\n  <<: {value}\n  q: 1\n") is None
    source = parse(f"x-t:\n  <<: {value}\n  q: 1\n", "x.yaml")
    assert places(source) == [("EG005", 2, 3)]
    assert isinstance(source.data, dict)


@pytest.mark.parametrize("value", ["!foo {a: 1}", "!foo [a]", "!!str {}", "!!int []", "!!map []", "!!seq {}", "!foo x"])
def test_unknown_tags_are_problems_and_their_values_load(value: str) -> None:
    source = parse(f"a: {value}\n", "x.yaml")
    assert places(source) == [("EG005", 1, 4)]
    assert isinstance(source.data, dict)
    assert source.data["a"] in ({"a": 1}, ["a"], {}, [], "x")


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "a: 1\n---\n", "a: 1\n---\n[[[", "a: 1\n...\n---\n"])
def test_a_second_document_is_a_problem(text: str) -> None:
    source = parse(text, "x.yaml")
    assert source.data == {"a": 1}
    assert places(source) == [("EG005", 1 + text[: text.index("---")].count("\n"), 1)]


# --- what can't be read -----------------------------------------------------------------------------------------------

SYNTAX = [
    ("a:\n\tb: 1", 2, 1, "tabs", "spaces"),
    ("a: >\n\tb", 2, 1, "tabs", "spaces"),
    ("a: b: c", 1, 5, "another `key: value`", "Quote"),
    ("a:b\nc: d", 2, 2, "no `key: value`", "space after its colon"),
    ("a: 1\nfoo\nb: 2", 2, 1, "neither `key: value`", "space after its colon"),
    ("a: x\n b: y", 2, 3, "indented", "same column"),
    ("a:\n  b: 1\n   c: 2", 3, 5, "indented", "same column"),
    ("s:\n  a:\n    i: x\n   p: []", 4, 4, "line 2", "same column"),
    ("  a: 1\n b: 2", 2, 2, "goes on after its end", "same column"),
    ("- a\nb: c", 2, 1, "`- ` is expected", "same column"),
    ("a: 1\n- b", 2, 1, "list item", "same column"),
    ("key: - a", 1, 6, "list can't start here", "line below"),
    ('b: 1\na: "x\ny: z', 2, 4, "quote is never closed", '"'),
    ("a: 'x", 1, 4, "quote is never closed", "'"),
    ('a: "x\n---\ny"', 1, 4, "quote is never closed", '"'),
    ('a: "b" c', 1, 8, "closing quote", "whole value"),
    ("a: [x", 1, 4, "`[` is never closed", "`]`"),
    ("b: [1,\n  2\nc: 3", 1, 4, "`[` is never closed", "`]`"),
    ("b: {a: 1\nc: 3", 1, 4, "`{` is never closed", "`}`"),
    ("a: {x: 1 y: 2}", 1, 11, "`,` or `}` is expected", "comma"),
    ("a: [b]]", 1, 7, "`]` closes nothing", "quotes"),
    ("a: }", 1, 4, "expected here, not `}`", "quotes"),
    ("é: @x", 1, 4, "starts with `@`", "quotes"),
    ("😀: `x`", 1, 4, "starts with ```", "quotes"),
    ("a: %x", 1, 4, "starts with `%`", "quotes"),
    ("a: * * *", 1, 4, "starts with `*`", "quotes"),
    ("a: & b", 1, 4, "starts with `&`", "quotes"),
    ("a: *b", 1, 4, "no anchor `&b`", "quote the value"),
    ("a: !<> b", 1, 6, "tag has no name", "Quote"),
    ("!e!x a", 1, 1, "unknown prefix", "Quote"),
    ("a: |x\n b", 1, 5, "line below", None),
    ('a: "C:\\path"', 1, 7, "`\\p` is no escape", "single quotes"),
    ('a: "\\xZZ"', 1, 5, "`\\x` is no escape", "single quotes"),
    ("%YAML 1.3\n---\na", 1, 1, "YAML version", "%YAML"),
    ("%FOO\n---\na: 1", 1, 5, "no directive", "Quote"),
    ("x:\xa0a\ny: 1", 2, 2, "key", "no-break space"),
    ("a: 1\n\ufeffb: 2", 2, 2, "neither", "byte order mark"),
    ("k" * 1100 + ": 1", 1, 1, "1024 characters", None),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), SYNTAX)
def test_syntax_errors_say_where_what_and_what_to_do(
    text: str, line: int, column: int, message: str, hint: str | None
) -> None:
    finding = refused(text)
    assert (finding.code, finding.line, finding.column) == ("EG001", line, column)
    assert message in finding.message
    assert finding.hint is None if hint is None else hint in str(finding.hint)
    assert finding.excerpt.startswith(
        text.split("\n")[line - 1][:90].replace("\ufeff", "\ufffd").replace("\xa0", "\xa0")
    )


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"a: b\nc: \xe9t\xe9\n", 2, 4, "0xE9"),
        ("é: x".encode() + b"\xff", 1, 5, "0xFF"),
        (b"\xef\xbb\xbfa: \xe9", 1, 4, "0xE9"),
        (b"a\r\nb\r\n\xe9", 3, 1, "0xE9"),
        (b"a: \xed\xa0\xbd", 1, 4, "0xED"),
        ("a: b\n".encode("utf-16"), 1, 1, "UTF-16"),
        ("a: b\n".encode("utf-16-le"), 1, 1, "UTF-16"),
        ("a: b\n".encode("utf-16-be"), 1, 1, "UTF-16"),
        ("a: b\n".encode("utf-32"), 1, 1, "UTF-16"),
        (b"abcdefgh\n  \0", 2, 3, "U+0000"),
        (b'abcdefgh: "\x07"', 1, 12, "U+0007"),
        (b"a: \x1b[31mred", 1, 4, "U+001B"),
        ("a: \x7f", 1, 4, "U+007F"),
        ("a: b\nc: \ud83d", 2, 4, "half a surrogate pair (U+D83D)"),
        ("a: \ufffe", 1, 4, "U+FFFE"),
    ],
)
def test_what_is_no_utf8_text_is_refused_with_its_place(
    content: bytes | str, line: int, column: int, message: str
) -> None:
    finding = refused(content)
    assert (finding.code, finding.line, finding.column) == ("EG002", line, column)
    assert message in finding.message
    assert "\x1b" not in finding.excerpt
    assert finding.hint


# --- bounds -----------------------------------------------------------------------------------------------------------

DEEP = {
    "[": ("[" * 100_000, 101),
    "{": ("{" * 100_000, 101),
    "{a:": ("{a: " * 100_000, 401),
    "-": ("- " * 100_000, 201),
    "?": ("? " * 100_000, 201),
    "closed": ("[" * 101 + "]" * 101, 101),
    "mixed": ("- - - ? ? [" + "[{a: " * 100_000, None),
    "quoted": ('"]]]]": [' + "'[', [" * 100_000, None),
}


@pytest.mark.parametrize(("text", "column"), DEEP.values(), ids=DEEP)
def test_deep_nesting_is_refused(text: str, column: int | None) -> None:
    finding = refused(text)
    assert (finding.code, finding.line) == ("EG003", 1)
    assert finding.column == (column or finding.column)
    assert len(finding.excerpt) <= 301


def test_deep_nesting_by_indentation_is_refused_even_without_it() -> None:
    nested = "".join(f"{' ' * at}a:\n{' ' * at}- b:\n" for at in range(0, 400, 2))
    assert refused(nested).code == "EG003"


def test_nesting_up_to_the_limit_loads() -> None:
    source = parse("[" * 100 + "]" * 100, "x.yaml")
    assert source.place((0,) * 99) == (1, 100, 1)


def test_depth_counts_what_aliases_stand_for() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{at}: &a{at} [*a{at - 1}]\n" for at in range(1, 2000))
    assert refused(chain).code == "EG003"
    merges = "a0: &a0 {x: y}\n" + "".join(f"a{at}: &a{at} {{<<: *a{at - 1}}}\n" for at in range(1, 2000))
    assert refused(merges).code == "EG003"


def test_a_thread_with_a_small_stack_is_enough() -> None:
    codes: list[str] = []

    def work() -> None:
        codes.extend(refused(text).code for text, _ in DEEP.values())
        codes.append(str(parse("[" * 100 + "]" * 100, "x.yaml").place((0,) * 100)))

    size = threading.stack_size(128 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    assert codes == ["EG003"] * len(DEEP) + ["(1, 100, 1)"]


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 30)),
        "a0: &a0 {" + ",".join(f"k{at}: 1" for at in range(1000)) + "}\nl:\n" + "  - <<: *a0\n" * 50_000,
        "a0: &a0 {" + ",".join(f"k{at}: 1" for at in range(1000)) + "}\nl:\n  <<: [" + "*a0," * 50_000 + "]",
        'a: &a "' + "x" * 1_000_000 + '"\nl: [' + "*a," * 100_000 + "]",
    ],
    ids=["laughs", "merges", "one merge", "long text"],
)
def test_aliases_can_not_multiply_without_end(text: str) -> None:
    finding = refused(text)
    assert finding.code == "EG003"
    assert "aliases" in finding.message


def test_aliases_share_their_data_below_the_limit() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 5)}]\n" for at in range(1, 7))
    data = parse(laughs, "x.yaml").data
    assert isinstance(data, dict)
    assert isinstance(data["a6"], list)
    assert data["a6"][0] is data["a6"][1]


@pytest.mark.parametrize(
    "text", ["x: &a [*a]", "x: &a {b: *a}", "x: &a {<<: *a, b: 1}", "x: &a [[[*a]]]", "&a {*a : 1}"]
)
def test_an_anchor_can_not_hold_itself(text: str) -> None:
    finding = refused(text)
    assert (finding.code, finding.column, finding.width) == ("EG005", text.index("*") + 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "a" * (yaml_guard.MAX_BYTES + 1),
        "- a\n" * (yaml_guard.MAX_WRITTEN + 1),
        "[" + "a," * (yaml_guard.MAX_WRITTEN + 1) + "]",
        "%TAG !a! b\n" * (yaml_guard.MAX_DIRECTIVES + 2),
        '{"a": "' + "\\ud83d\\ude00" * (yaml_guard.MAX_WRITTEN + 2) + '"}',
        "{" + '"\u2028' * (2 * yaml_guard.MAX_WRITTEN + 4),
    ],
    ids=["bytes", "block", "flow", "directives", "escapes", "texts"],
)
def test_what_is_larger_than_any_spec_is_refused(text: str) -> None:
    assert refused(text).code == "EG003"


def test_a_broken_file_has_no_endless_list_of_problems() -> None:
    source = parse("a: 1\n" * 20_000, "x.yaml")
    assert len(source.problems) == yaml_guard.MAX_PROBLEMS


# --- places -----------------------------------------------------------------------------------------------------------

TEXT = """\
# comment
base: &base
  image: "é/😀:1"
  ports: [80, "81:81"]
services:
  api:
    <<: *base
    command: |
      run
      it
    empty:
    tagged: !!str 12
    env: {A: b,
      C: 'd'}
  web:
    - <<: [{p: q}, *base]
    - *base
    - plain text over
      two lines
"""

PLACES: list[tuple[Route, tuple[int, int, int], tuple[int, int, int]]] = [
    ((), (2, 1, 4), (2, 1, 4)),
    (("base",), (2, 7, 1), (2, 1, 4)),
    (("base", "image"), (3, 10, 7), (3, 3, 5)),
    (("base", "ports"), (4, 10, 1), (4, 3, 5)),
    (("base", "ports", 1), (4, 15, 7), (4, 15, 7)),
    (("base", "ports", 2), (4, 10, 1), (4, 3, 5)),
    (("base", "ports", -1), (4, 10, 1), (4, 3, 5)),
    (("base", "ports", "x"), (4, 10, 1), (4, 3, 5)),
    (("base", "image", "x", 3), (3, 10, 7), (3, 3, 5)),
    (("services",), (6, 3, 3), (5, 1, 8)),
    (("services", "api"), (7, 5, 2), (6, 3, 3)),
    (("services", "api", "image"), (3, 10, 7), (3, 3, 5)),
    (("services", "api", "ports", 0), (4, 11, 2), (4, 11, 2)),
    (("services", "api", "missing", "x"), (7, 5, 2), (6, 3, 3)),
    (("services", "api", "command"), (8, 14, 1), (8, 5, 7)),
    (("services", "api", "empty"), (11, 11, 1), (11, 5, 5)),
    (("services", "api", "tagged"), (12, 13, 8), (12, 5, 6)),
    (("services", "api", "env", "C"), (14, 10, 3), (14, 7, 1)),
    (("services", "web"), (16, 5, 1), (15, 3, 3)),
    (("services", "web", 0, "p"), (16, 16, 1), (16, 13, 1)),
    (("services", "web", 0, "image"), (3, 10, 7), (3, 3, 5)),
    (("services", "web", 1, "image"), (3, 10, 7), (3, 3, 5)),
    (("services", "web", 2), (18, 7, 1), (18, 7, 1)),
]


@pytest.mark.parametrize(("route", "value", "key"), PLACES)
def test_a_route_has_a_place(route: Route, value: tuple[int, int, int], key: tuple[int, int, int]) -> None:
    source = parse(TEXT, "x.yaml")
    assert source.place(route) == value
    assert source.place(route, at_key=True) == key


def test_routes_count_list_items_without_those_that_are_reset() -> None:
    source = parse("a: [1, !reset 2, 3]\nb: {x: !reset 1, y: 2}\n", "x.yaml")
    assert source.place(("a", 1)) == (1, 18, 1)
    assert source.place(("b", "y")) == (2, 21, 1)


def test_a_problem_becomes_a_finding_with_excerpt() -> None:
    source = parse(TEXT, "dir/x.yaml")
    problem = Problem(code="EG011", route=("services", "api", "empty"), message="m", hint="h", at_key=True)
    assert source.finding(problem) == Finding(
        code="EG011", severity=Severity.ERROR, file="dir/x.yaml", line=11, column=5, message="m", hint="h",
        excerpt="    empty:", width=5,
    )  # fmt: skip
    milder = Problem(code="EG011", route=("nowhere",), message="m", severity=Severity.INFO)
    assert source.finding(milder).severity is Severity.INFO


def test_lines_are_those_of_editors_whatever_yaml_takes_for_a_line_end() -> None:
    source = parse('a: "x\u2028y\x85z"\nb: c\n', "x.yaml")
    assert source.place(("b",)) == (2, 4, 1)


def test_tabs_stay_in_the_excerpt() -> None:
    source = parse("a:\t[x,\ty]\n", "x.yaml")
    assert source.finding(Problem(code="EG011", route=("a", 1), message="m")).excerpt == "a:\t[x,\ty]"


@pytest.mark.parametrize("before", [1, 190, 195, 196, 197, 198, 5000])
@pytest.mark.parametrize("after", [1, 99, 100, 5000])
def test_the_caret_of_a_long_line_is_right(before: int, after: int) -> None:
    source = parse("[" + "x" * before + ", y, " + "z" * after + "]", "x.yaml")
    finding = source.finding(Problem(code="EG011", route=(1,), message="m"))
    assert finding.column == before + 4
    assert finding.excerpt[yaml_guard.caret(finding.excerpt, finding.column)] == "y"
    assert len(finding.excerpt) <= 301


def test_places_in_a_large_mapping_are_looked_up_once() -> None:
    source = parse("".join(f"key{at}: {at}\n" for at in range(10_000)), "x.yaml")
    places = [source.place((f"key{at}",), at_key=True) for at in range(10_000)]
    assert places == [(at + 1, 1, 3 + len(str(at))) for at in range(10_000)]


# --- anything ---------------------------------------------------------------------------------------------------------

PIECES = [*"abc019-?:,[]{}#&*!|>'\"%@`\\ \n\t~<.=", "\r\n", "- ", ": ", "a: ", "\n  ", "<<: ", "&a ", "*a", "!reset "]
PIECES += ["!override ", "!!int ", "---\n", '"a"', "é", "😀", "\u2028", "\x85", "\ufeff", "\\ud83d", "\\ude00", "80: "]
yamlish = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
routes = st.lists(st.sampled_from(["a", "b", "c", "<<", 0, 1, -1]) | st.text() | st.integers(), max_size=4).map(tuple)


@settings(max_examples=500, deadline=None)
@given(
    yamlish | st.text() | st.text(st.characters(), max_size=30) | st.binary(),
    st.sampled_from(["x.yaml", "x.json"]),
    routes,
)
def test_any_text_loads_or_is_refused_and_any_route_has_a_place(content: bytes | str, path: str, route: Route) -> None:
    try:
        source = parse(content, path)
    except EnvgenError as error:
        findings = error.findings
    else:
        json.dumps(source.data)
        findings = source.problems
        for at_key in (False, True):
            line, column, width = source.place(route, at_key=at_key)
            assert 1 <= line <= source.text.count("\n") + 1
            text = source.text.split("\n")[line - 1]
            assert 1 <= column <= len(text) + 1
            assert width >= 1
    for finding in findings:
        assert min(finding.line, finding.column, finding.width) >= 1
        assert 0 <= yaml_guard.caret(finding.excerpt, finding.column) <= len(finding.excerpt)
        assert not finding.message.endswith(".")
