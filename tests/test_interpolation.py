import json
import re
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import BATCH, NASTY, ComposeError, compose_config, escaped, literals, rendered, spec

from envgen.finding import EnvgenError
from envgen.interpolation import (
    Interpolated,
    Interpolation,
    InterpolationError,
    Reference,
    Text,
    escape,
    join,
    parse,
)
from envgen.plan import resolve
from envgen.source import parse as parse_spec
from envgen.spec import load
from envgen.targets.env_example import dotenv_value

SET = {"A": "set", "B": "", "C_1": "$A ${A} $$", "_d": 'it\'s "x" \\'}
ENV = "".join(f"{name}={dotenv_value(value)}\n" for name, value in SET.items())

names = st.sampled_from([*SET, "UNSET", "a", "_"])
pieces = st.one_of(
    st.sampled_from(["$", "$$", "$1", "$ ", "${", "}", "{", "$-", "a", "-", ":-", "?", " ", "'", '"', "\\", "\n", "."]),
    st.text(st.sampled_from("$${}:-?+AB_ a\n'\"\\"), max_size=6),
    st.text(st.sampled_from("${}A"), max_size=5),
    st.sampled_from(NASTY),
)


def braced(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([":-", "-", ":+", "+", ":?", "?"])
    with_operator = st.tuples(names, operators, operands).map("${%s%s%s}".__mod__)
    return st.one_of(names.map("${{{}}}".format), names.map("${}".format), with_operator)


texts = st.lists(st.one_of(pieces, braced(st.recursive(pieces, braced, max_leaves=3))), max_size=4).map("".join)


def environment(text: str, *flags: str) -> list[str]:
    values: dict[str, str] = compose_config(text, *flags, env=ENV)["services"]["a"].get("environment", {})
    return [values[f"K{at}"] for at in range(len(values))]


def by_hand(written: list[str], *flags: str) -> list[str]:
    """What compose makes of texts in a file that no code of ours wrote."""
    service = {"image": "x", "environment": {f"K{at}": text for at, text in enumerate(written)}}
    text = json.dumps({"services": {"a": service}}, ensure_ascii=False)
    # YAML refuses some characters that JSON takes, and takes others for line ends
    return environment(
        re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda odd: f"\\u{ord(odd[0]):04x}", text), *flags
    )


def ours(written: list[str], *flags: str) -> list[str]:
    service = {"image": "x", "environment": {f"K{at}": text for at, text in enumerate(written)}}
    return environment(rendered(spec(a=service))["compose.yaml"], *flags)


def taken(text: str) -> bool:
    """Whether compose can replace all of it: no envgen reference, no syntax error, and no required variable missing."""
    try:
        parsed = parse(text)
    except InterpolationError:
        return False
    found = parsed.interpolations if isinstance(parsed, Interpolated) else ()
    return all("?" not in part.operator or SET.get(part.name) for part in found)


batches = st.lists(texts.filter(taken), min_size=20, max_size=50)
nested = [
    "${UNSET:-a$${b}", "${A:-$$}}", "${B:-${UNSET:-$$c}}", "${UNSET:-$${A}}", "${A:+${B:-x}}y}", "${UNSET-{}}",
    "${A:-{}}", "${A:-{}|}", "${A:-{x}|}", "${A:-{{}}|}", "${A:-$${}}|}", "${A:-${B}{}}|}", "${A:-{}|", "${A:-{|}",
    "${UNSET:-{}}|}", "${A:-a{b}c}|", "${A:-$${{}|}", "${A:-{}\n${UNSET:-}}", "${A}{}${B}}",
]  # fmt: skip
everything_nasty = [text for text in [*NASTY, *nested] if taken(text)]


@BATCH
@given(batches)
@example(everything_nasty)
def test_compose_replaces_the_same_in_our_rendering(written: list[str]) -> None:
    assert ours(written) == by_hand(written)


def filled_in(text: str) -> str:
    """What a text becomes by the parts that we find in it: wrong as soon as one ends elsewhere than in compose."""
    parsed = parse(text)
    parts = (parsed,) if isinstance(parsed, str) else parsed.parts
    return "".join(part if isinstance(part, str) else filled_in_part(part) for part in parts)


def filled_in_part(part: Interpolation) -> str:
    value = SET.get(part.name, "")
    if part.operator == ":-":
        return value or filled_in(part.operand)
    if part.operator == ":+":
        return filled_in(part.operand) if value else ""
    return value


def test_braces_close_where_compose_closes_them() -> None:
    # all texts of up to five of these: what is drawn at random hardly ever holds the ones that matter
    tokens = ("${A:-", "${UNSET:+", "${B}", "{", "}", "$$", "x")
    every = ("".join(some) for length in range(1, 6) for some in product(tokens, repeat=length))
    written = [text for text in dict.fromkeys(every) if taken(text)]
    assert len(written) > 5000
    seen = zip(written, by_hand(written), strict=True)
    assert [(text, value, filled_in(text)) for text, value in seen if value != filled_in(text)] == []


@BATCH
@given(batches)
@example(everything_nasty)
def test_the_spelling_stays(written: list[str]) -> None:
    assert ours(written, "--no-interpolate") == by_hand(written, "--no-interpolate")


@BATCH
@given(st.lists(literals, min_size=20, max_size=50))
@example(list(NASTY))
def test_a_literal_arrives_as_it_is(written: list[str]) -> None:
    assert ours([escaped(text) for text in written]) == written


@BATCH
@given(st.lists(literals, min_size=20, max_size=50))
@example(list(NASTY))
def test_a_value_of_env_arrives_as_it_is(written: list[str]) -> None:
    env = "".join(f"V{at}={dotenv_value(text)}\n" for at, text in enumerate(written))
    assert env.count("\n") == len(written)
    names = {f"K{at}": f"${{V{at}}}" for at in range(len(written))}
    file = json.dumps({"services": {"a": {"image": "x", "environment": names}}})
    values = compose_config(file, env=env)["services"]["a"]["environment"]
    assert [values[f"K{at}"] for at in range(len(written))] == written


@pytest.mark.parametrize(
    "text",
    [
        "${",
        "${}",
        "${A",
        "${1}",
        "${ A}",
        "${A }",
        "${A:}",
        "${A:=x}",
        "${A/b/c}",
        "${A:-a\nb}",
        "${A:+{}${A}",
        "${A.}",
    ],
)
def test_what_compose_can_not_read_is_refused(text: str) -> None:
    with pytest.raises(ComposeError, match="invalid interpolation format"):
        by_hand([text])
    with pytest.raises(EnvgenError, match="`"):
        ours([text])


@settings(max_examples=300, deadline=None)
@given(texts)
def test_reading_and_writing_are_inverse(text: str) -> None:
    try:
        parsed = parse(text, lambda reference: f"{reference.service}.{reference.attribute}")
    except InterpolationError as error:
        assert 0 <= error.offset < len(text)  # noqa: PT017 - most texts are no error
        return
    assert parse(escape(parsed)) == parsed


@settings(max_examples=200, deadline=None)
@given(literals)
def test_a_literal_is_its_own_escape_read_back(text: str) -> None:
    assert parse(escape(text)) == text


def resolved(reference: Reference) -> Text:
    return {"host": "db", "url": Interpolated(("pg://", Interpolation("$U", "U"), "@db$"))}[reference.attribute]


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("${db.host}", "db"),
        ("a-${db.host}:$P", "a-db:$P"),
        ("$$${db.host}", "$$db"),
        ("$${db.host}", "$${db.host}"),
        ("${db.url}/x$$y", "pg://$U@db$$/x$$y"),
    ],
)
def test_a_reference_is_resolved(text: str, spelled: str) -> None:
    assert escape(parse(text, resolved)) == spelled


def test_a_reference_without_anything_to_resolve_it_is_an_error_at_its_place() -> None:
    with pytest.raises(InterpolationError) as caught:
        parse("$$ $A ${db.host}")
    assert caught.value.offset == len("$$ $A ")


def test_neighbouring_literals_are_one() -> None:
    part = Interpolation("$A", "A")
    assert join(["a", "", "b"]) == "ab"
    assert join(["a", "b", part, "", "c", "d"]) == Interpolated(("ab", part, "cd"))
    assert join([]) == ""


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("a${A:-b}c", "abc"),
        ("${A-}", ""),
        ("${A:-b}${C-d}", "bd"),
        ("$A", None),
        ("${A:?x}", None),
        ("${A:-$$b}", "$b"),
        ("${A:-${B:-c}}", "c"),
        ("${A:-$B}", None),
    ],
)
def test_the_default_of_a_text(text: str, default: str | None) -> None:
    parsed = parse(text)
    assert isinstance(parsed, Interpolated)
    assert parsed.default == default


def test_every_nested_text_is_taken() -> None:
    assert [text for text in nested if not taken(text)] == []


def test_nested_interpolations_are_found() -> None:
    parsed = parse("${A:-${B:-$C}}")
    assert isinstance(parsed, Interpolated)
    assert [part.name for part in parsed.interpolations] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${web-api.host}", "web-api"),  # there is such a service
        ("${HOST-db.example}", "${HOST-db.example}"),  # there is none: compose's default
        ("${my.db.host}", "my.db"),
    ],
)
def test_a_dash_and_a_dot_are_a_reference_only_where_there_is_such_a_service(text: str, expected: str) -> None:
    data = {
        "envgen": 1,
        "name": "p",
        "services": {
            "web-api": {"image": "x"},
            "my.db": {"image": "x"},
            "s": {"image": "x", "environment": {"A": text}},
        },
    }
    plan = resolve(load(parse_spec(json.dumps(data), "envgen.json")))
    environment = plan.services[-1].compose["environment"]
    assert isinstance(environment, dict)
    value = environment["A"]
    assert isinstance(value, str | Interpolated)
    assert escape(value) == expected


def test_interpolations_can_not_be_nested_without_end() -> None:
    def nested(depth: int) -> str:
        return "${A:-" * depth + "}" * depth

    assert isinstance(parse(nested(50)), Interpolated)
    with pytest.raises(InterpolationError, match="more than 50 deep") as caught:
        parse(nested(5000))
    assert caught.value.offset == len("${A:-") * 50
    assert isinstance(parse("${A}" * 1000), Interpolated)
