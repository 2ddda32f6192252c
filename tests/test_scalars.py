"""Scalars mean what they mean to docker-compose: checked against the rules and against the binary itself."""

import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envgen import scalars
from envgen.source import parse

# plain scalar -> value: nothing tagged, and nothing that compose refuses
PLAIN: dict[str, scalars.Scalar] = {
    **{word: word for word in ("yes", "no", "on", "off", "y", "n", "Y", "N", "Yes", "tRue", "nULL", "inf", "nan", "=")},
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
    "010": 8,
    "08": 8.0,
    "09": 9.0,
    "0o17": 15,
    "0O17": 15,
    "-0o17": -15,
    "+0o17": 15,
    "007": 7,
    "00": 0,
    "-010": -8,
    "0x1F": 31,
    "0X1F": 31,
    "-0x1f": -31,
    "0b11": 3,
    "0B11": 3,
    "-0b11": -3,
    "0o18": "0o18",
    "0b12": "0b12",
    "1_000": 1000,
    "1__0": 10,
    "1_": 1,
    "_1": "_1",
    "0x_1F": 31,
    "-_1": -1,
    "0_10": 8,
    "0o1_7": 15,
    "1_0.5": 10.5,
    "+1": 1,
    "-0": -0.0,
    "-1": -1,
    "+0": 0,
    "0": 0,
    "-00": 0,
    "-_0": 0,
    "+": "+",
    "-.": "-.",
    "1:30": "1:30",
    "22:22": "22:22",
    "190:20:30": "190:20:30",
    "1,000": "1,000",
    "1.2.3": "1.2.3",
    "1e3": 1000.0,
    "1E3": 1000.0,
    "12e03": 12000.0,
    "1e-3": 0.001,
    "1e1_0": 1e10,
    "1e": "1e",
    "e3": "e3",
    "1.": 1.0,
    ".5": 0.5,
    ".": ".",
    "1.0": 1.0,
    "+.5": 0.5,
    "-.5": -0.5,
    ".5_0": 0.5,
    ".5__0": ".5__0",
    ".5_": ".5_",
    "._5": "._5",
    ".5e1_0": 5e9,
    ".5_e3": ".5_e3",
    ".5e3": 500.0,
    ".e3": ".e3",
    "1e400": "1e400",
    "-1e400": "-1e400",
    "1e-400": 0.0,
    "0x": "0x",
    "0x1.8p3": "0x1.8p3",
    "1p3": "1p3",
    "9223372036854775808": 2**63,
    "18446744073709551615": 2**64 - 1,
    "18446744073709551616": 2.0**64,
    "-9223372036854775808": -(2**63),
    "-9223372036854775809": -(2.0**63),
    "+18446744073709551615": 2.0**64,
    "0xFFFFFFFFFFFFFFFF": 2**64 - 1,
    "0x10000000000000000": "0x10000000000000000",
    "+0xFFFFFFFFFFFFFFFF": "+0xFFFFFFFFFFFFFFFF",
    "01777777777777777777777": 2**64 - 1,
    "02777777777777777777777": 2777777777777777777777.0,
    "0" * 80 + "17": 15,
    "1" * 400: "1" * 400,
    "1" * 30: float("1" * 30),
    "٣": "٣",
}

TAGGED: dict[str, scalars.Scalar] = {
    "!!str 1": "1",
    "!!str true": "true",
    "!!str": "",
    "!!str ~": "~",
    "! 1": "1",
    '! "1"': "1",
    '!!int "3"': 3,
    "!!int '0x1F'": 31,
    "!!int 010": 8,
    '!!int "1_000"': 1000,
    "!!float 3": 3.0,
    "!!float '3.5'": 3.5,
    '!!bool "true"': True,
    '!!null ""': None,
    "!!null null": None,
    "!!binary aGk=": "hi",
    '!!binary "aG\\nk="': "hi",
    "!override 3": "3",
    "!override true": "true",
    "!override": "",
    "!override ~": "~",
    '"10"': "10",
    "'true'": "true",
    "!<tag:yaml.org,2002:int> '3'": 3,
    "!!str 2001-01-01": "2001-01-01",
    "'<<'": "<<",
}

REFUSED = (
    *(".inf", "-.inf", "+.INF", ".nan", ".NaN", '!!float ".inf"'),
    *("!!bool yes", '!!bool "on"', "!!bool 1", "!!null x", "!!null 1", "!!int x", "!!int 3.0", "!!int 1e3", '!!int ""'),
    *("!!float x", "!!binary x", "!!binary aGk", "!!timestamp x"),
)

DATES = ("2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", "!!timestamp 2001-01-01")

Compose = Callable[[list[str]], dict[int, Any] | None]


@pytest.fixture(scope="session")
def compose() -> Compose:
    """What docker-compose makes of scalars: their values by position, or None when it refuses them."""
    beside = shutil.which("docker-compose", path=str(Path(sys.executable).parent))
    program = beside or shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed")

    def config(texts: list[str]) -> dict[int, Any] | None:
        lines = "".join(f"  k{at}: {text}\n" for at, text in enumerate(texts))
        document = f"name: t\nservices: {{a: {{image: b}}}}\nx-t:\n{lines}"
        command = [program, "-f", "-", "config", "--format", "json", "--no-interpolate"]
        done = subprocess.run(command, input=document.encode(), capture_output=True, check=False)
        if done.returncode:
            return None
        return {int(key[1:]): value for key, value in json.loads(done.stdout)["x-t"].items()}

    return config


def same(ours: Any, theirs: Any) -> bool:
    """Equal, where JSON numbers tell 1 from 1.0 no more than Go's do."""
    if isinstance(ours, bool) or isinstance(theirs, bool) or not isinstance(ours, (int, float)):
        return type(ours) is type(theirs) and ours == theirs
    return isinstance(theirs, (int, float)) and (ours == theirs or math.isclose(ours, theirs, rel_tol=1e-15))


@pytest.mark.parametrize(("text", "value"), PLAIN.items(), ids=lambda part: str(part)[:30])
def test_plain_scalars_have_the_value_of_the_table(text: str, value: scalars.Scalar) -> None:
    resolved = scalars.resolve(text, plain=True, tag=None)
    assert (type(resolved), resolved) == (type(value), value)


def test_minus_zero_is_a_float_as_in_go() -> None:
    assert math.copysign(1, scalars.resolve("-0", plain=True, tag=None) or 1) == 1  # type: ignore[arg-type]
    assert str(scalars.resolve("-0", plain=True, tag=None)) == "-0.0"


@pytest.mark.parametrize("text", PLAIN)
def test_quoted_scalars_are_their_text(text: str) -> None:
    assert scalars.resolve(text, plain=False, tag=None) == text


@pytest.mark.parametrize(("text", "value"), TAGGED.items())
def test_tagged_scalars_have_the_value_of_the_table(text: str, value: scalars.Scalar) -> None:
    source = parse(f"a: {text}\n", "x.yaml")
    assert not source.problems
    assert isinstance(source.data, dict)
    assert (type(source.data["a"]), source.data["a"]) == (type(value), value)


@pytest.mark.parametrize("table", [PLAIN, TAGGED], ids=["plain", "tagged"])
def test_compose_reads_the_tables_alike(table: dict[str, scalars.Scalar], compose: Compose) -> None:
    theirs = compose(list(table))
    assert theirs is not None
    wrong = {text: (value, theirs[at]) for at, (text, value) in enumerate(table.items()) if not same(value, theirs[at])}
    assert not wrong


@pytest.mark.parametrize("text", REFUSED)
def test_what_compose_refuses_is_a_problem_at_its_place(text: str, compose: Compose) -> None:
    assert compose([text]) is None
    source = parse(f"a: b\nc: {text}\n", "x.yaml")
    assert [(finding.code, finding.line, finding.column) for finding in source.problems] == [("EG005", 2, 4)]
    assert source.problems[0].hint


@pytest.mark.parametrize("text", DATES)
def test_dates_stay_the_text_as_written(text: str) -> None:
    source = parse(f"a: {text}\n", "x.yaml")
    assert source.data == {"a": text.removeprefix("!!timestamp ")}
    assert not source.problems


def test_compose_rewrites_dates_which_is_why_we_differ(compose: Compose) -> None:
    assert compose(["2001-01-01", "2001-02-30"]) == {0: "2001-01-01T00:00:00Z", 1: "2001-02-30"}


def test_compose_silently_drops_a_plain_merge_sign_which_we_refuse(compose: Compose) -> None:
    assert compose(["<<", "1"]) == {1: 1}
    assert [finding.code for finding in parse("a: <<\n", "x.yaml").problems] == ["EG005"]


@pytest.mark.parametrize("tag", ["!foo", "!!foo", "!Ref", "!!set", "!!python/none"])
def test_an_unknown_tag_is_a_problem(tag: str) -> None:
    with pytest.raises(scalars.ScalarError, match=re.escape(tag)):
        scalars.resolve("1", plain=True, tag=tag.replace("!!", scalars.PREFIX))
    source = parse(f"a: {tag} x\n", "x.yaml")
    assert source.data == {"a": "x"}
    assert [(finding.code, finding.line, finding.column) for finding in source.problems] == [("EG005", 1, 4)]


def test_huge_numbers_take_no_time() -> None:
    for text in ("1" * 1_000_000, "0x" + "1" * 1_000_000, "1" + "_" * 1_000_000 + "x", "1." + "1" * 1_000_000 + "e"):
        assert scalars.resolve(text, plain=True, tag=None) == text
