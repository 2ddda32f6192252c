"""The types of variables: what they accept, and that compose agrees about sizes and durations."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import BATCH, ComposeError, compose_config

from envgen.value_types import TYPES, ValueType, amount, matches, pattern_problem


@pytest.mark.parametrize(
    ("type_name", "good", "bad"),
    [
        ("string", ["", "a", "é\n"], ["\x00"]),
        ("int", ["0", "-1", "007", "9" * 5000], ["", "+1", "1.0", "1e3", " 1", "1_000", "٣", "nan"]),
        ("number", ["0", "-1.5", ".5", "1.", "1e-3"], ["", "nan", "inf", "1_0", "0x1", "1e", "--1", "1e9" + "9" * 30]),
        ("bool", ["true", "false"], ["", "True", "yes", "1"]),
        ("port", ["1", "65535", "08080"], ["0", "65536", "-1", "", "80/tcp", "8" * 5000]),
        (
            "url",
            ["https://a.example/x?y#z", "postgres://u:p@h:5432/d", "sqlite:///x", "mailto:a@b", "unix:/run/x"],
            ["", "a.example", "localhost:5432", "db.internal:80/x", "http://", "http://[::1", "http://h:x", "a b:c"],
        ),
        ("duration", ["0", "-0", "30s", "1h30m", "1.5h", ".5s", "250ms", "-1m", "10µs"], ["", "5", "1d", "1 s", "s"]),
        ("bytes", ["0", "512", "64m", "1.5gb", "2 KiB", "10b", "1TB"], ["", "m", "-1m", "1x", "1 000", "1e3", "1ki"]),
        ("path", ["a", "/a b", "./é"], ["", "a\nb", "a\x00"]),
        ("json", ["{}", "[1]", '"a"', "null", "-1.5e3", "9" * 5000], ["", "{a: 1}", "NaN", "[1,]", "[" * 100_000]),
    ],
)
def test_what_a_type_accepts(type_name: str, good: list[str], bad: list[str]) -> None:
    kind = ValueType(type=type_name)
    assert [text for text in good if kind.problem(text)] == []
    assert [text for text in bad if kind.problem(text) is None] == []


def test_every_type_is_tested_here() -> None:
    tested = {mark.args[1][index][0] for mark in test_what_a_type_accepts.pytestmark for index in range(10)}  # type: ignore[attr-defined]
    assert tested == set(TYPES) - {"enum"}


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (ValueType(type="enum", values=("a", "b")), "c", "is not one of a, b"),
        (ValueType(type="int", minimum="3"), "2", "is less than 3"),
        (ValueType(type="int", maximum="3"), "4", "is more than 3"),
        (ValueType(type="int", minimum="-3", maximum="3"), "3", None),
        (ValueType(type="number", minimum="0.5"), "0.49", "is less than 0.5"),
        (ValueType(type="number", maximum="1e3"), "1000.000000000000000000000000000001", "is more than 1e3"),
        (ValueType(type="duration", minimum="1m"), "59.999s", "is less than 1m"),
        (ValueType(type="duration", maximum="1h"), "60m", None),
        (ValueType(type="bytes", maximum="1g"), "1024m", None),
        (ValueType(type="bytes", maximum="1g"), "1025m", "is more than 1g"),
        (ValueType(min_length=2), "é", "has fewer than 2 characters"),
        (ValueType(max_length=2), "日本語", "has more than 2 characters"),
        (ValueType(pattern="[a-z]+"), "abc1", "does not match the pattern [a-z]+ (all of it has to)"),
        (ValueType(pattern="a|b"), "ab", "does not match the pattern a|b (all of it has to)"),
        (ValueType(pattern="^a$"), "a", None),
        (ValueType(pattern="a"), "a\n", "does not match the pattern a (all of it has to)"),
    ],
)
def test_limits(kind: ValueType, text: str, problem: str | None) -> None:
    assert kind.problem(text) == problem


@pytest.mark.parametrize(
    ("kind", "summary"),
    [
        (ValueType(), ""),
        (ValueType(type="enum", values=("a", "b")), "one of a, b"),
        (ValueType(type="port", minimum="1024"), "port of at least 1024"),
        (ValueType(type="bytes", minimum="1m", maximum="1g"), "size of 1m to 1g"),
        (ValueType(max_length=9, pattern="[a-z]+"), "text of at most 9 characters that matches [a-z]+"),
    ],
)
def test_types_in_words(kind: ValueType, summary: str) -> None:
    assert kind.summary == summary


@pytest.mark.parametrize("pattern", ["(a", "a)|(b", r"(a)\1", "(?=a)b", "((a{100}){100}){100}", "a" * 1001, "*"])
def test_patterns_that_cannot_be_used(pattern: str) -> None:
    assert pattern_problem(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*)*(.*)*b", r"(\w+\s?)+!"])
def test_no_pattern_takes_long(pattern: str) -> None:
    assert pattern_problem(pattern) is None
    started = time.process_time()
    assert not matches(pattern, "a" * 50_000)
    assert time.process_time() - started < 2


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.text(max_size=30))
def test_any_text_is_judged(type_name: str, text: str) -> None:
    problem = ValueType(type=type_name, values=("a",) if type_name == "enum" else ()).problem(text)
    assert problem is None or problem.startswith("is n")


numbers = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True)
sizes = st.builds(
    "".join, st.tuples(numbers, st.sampled_from(["", " "]), st.from_regex(r"([kmgKMG]?[iI]?[bB]?)|x", fullmatch=True))
)
durations = st.lists(
    st.builds("".join, st.tuples(numbers, st.sampled_from(["ns", "us", "ms", "s", "m", "h"]))), min_size=1, max_size=3
).map("".join)


@BATCH
@given(st.lists(sizes, min_size=5, max_size=10))
def test_sizes_are_those_of_compose(texts: list[str]) -> None:
    accepted = [text for text in texts if ValueType(type="bytes").problem(text) is None]
    services = "".join(f"  s{at}: {{image: x, mem_limit: '{text}'}}\n" for at, text in enumerate(accepted))
    if not accepted:
        return
    data = compose_config(f"services:\n{services}")
    for at, text in enumerate(accepted):
        found = amount("bytes", text)
        assert found is not None
        assert int(data["services"][f"s{at}"].get("mem_limit", 0)) == int(found), text


@BATCH
@given(st.lists(durations, min_size=5, max_size=10))
def test_durations_are_those_of_compose(texts: list[str]) -> None:
    services = "".join(f"  s{at}: {{image: x, stop_grace_period: '{text}'}}\n" for at, text in enumerate(texts))
    data = compose_config(f"services:\n{services}")
    for at, text in enumerate(texts):
        shown = data["services"][f"s{at}"].get("stop_grace_period", "0s")
        ours, theirs = amount("duration", text), amount("duration", shown)
        assert ours is not None
        assert theirs is not None
        # Go cuts fractions of a nanosecond off, compose shows none either
        assert abs(ours - theirs) <= 3, text


def test_compose_has_days_and_go_has_not() -> None:
    assert ValueType(type="duration").problem("1d")
    try:
        compose_config("services: {a: {image: x, stop_grace_period: 1d}}")
    except ComposeError:
        pytest.fail("compose has no days any more: say so in docs/variables.md")
