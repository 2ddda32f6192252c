"""The shell texts of RUN: how they are split into commands, and where their words stand."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgen.lint.dockerfile import Dockerfile, parse
from envgen.lint.dockerfile.shell_split import Command, split


def commands(text: str) -> list[Command]:
    return list(split(text)[0])


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in commands(text)]


def dockerfile(text: str) -> Dockerfile:
    file = parse(text, "Dockerfile")
    assert isinstance(file, Dockerfile)
    return file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b&&c|d;e||f&", [("a", "b"), ("c",), ("d",), ("e",), ("f",)]),
        ("a 'b c' \"d $E\" f\\ g h''i", [("a", "b c", "d $E", "f g", "hi")]),
        ("a > x 2>&1 < y b &> z", [("a", "b")]),
        ("A=1 B='2 3' c", [("c",)]),
        ("sudo -E -u root env -i X=1 /usr/bin/curl -k", [("/usr/bin/curl", "-k")]),
        ("timeout -k 5 10 wget x; exec nginx; nice -n 5 make", [("wget", "x"), ("nginx",), ("make",)]),
        ("if a; then b; elif c; then d; else e; fi; f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("while ! a; do b; done | c", [("a",), ("b",), ("c",)]),
        ("for i in x y; do a $i; done", [("for", "i", "in", "x", "y"), ("a", "$i")]),
        ('case "$x" in a|b) c;; (d) e ;; *) f & esac; g', [("c",), ("e",), ("f",), ("g",)]),
        ("f() { a; }; f", [("a",), ("f",)]),
        ("(a; b) && { c; }", [("a",), ("b",), ("c",)]),
        ('a "$(b | c)" `d` <(e)', [("b",), ("c",), ("d",), ("e",), ("a", "$(b | c)", "`d`", "<(e)")]),
        ("a # b\nc#d '#e'", [("a",), ("c#d", "#e")]),
        ("a <<X b\nignored | x\nX\nc", [("a", "b"), ("c",)]),
        ("a <<-'X'\n\tignored\n\tX\nb", [("a",), ("b",)]),
        ("a \\\n  b", [("a", "b")]),
        ('a ${x:-"$(b)"} ${y}', [("b",), ("a", "${x:-$(b)}", "${y}")]),
        ("a |\n b", [("a",), ("b",)]),
        ("'unclosed", [("'unclosed",)]),
        ("", []),
    ],
)
def test_a_text_is_split_into_simple_commands(text: str, expected: list[tuple[str, ...]]) -> None:
    assert words(text) == expected


def test_a_pipe_is_known_by_the_command_that_reads_it() -> None:
    (first, second, third, other) = commands("a | b |\n c && d")
    assert (first.piped_from, second.piped_from, third.piped_from, other.piped_from) == (-1, 0, 1, -1)
    assert (first.after, second.before, other.before) == ("|", "|", "&&")


def test_commands_in_a_word_are_known_by_their_host() -> None:
    found = commands('x; a "$(b; c)"; d')
    assert [command.program for command in found] == ["x", "b", "c", "a", "d"]
    assert list(found[3].nested) == [1, 2]
    assert list(found[4].nested) == []


def test_short_flags_are_found_in_bundles() -> None:
    (command,) = commands("tool -abc --long=1 -- -z")
    assert command.find("-b") == 1
    assert command.find("--long") == 2
    assert command.find("-z") is None
    assert not command.has("-l")


PLACES = """\
FROM debian:12
RUN --mount=type=cache,target=/x one \\
    # a comment
    && two "a \\
  b"  \\

    && sh -c 'three | four'
RUN <<EOF
five
  six x
EOF
RUN bash <<EOF
seven
EOF
RUN cat <<EOF > /x
not a command
EOF
RUN ["eight", "x"]
ONBUILD RUN nine
RUN <<EOF
#!/usr/bin/env python3
print(1)
EOF
"""


def test_every_command_has_its_place() -> None:
    found = {
        command.program: (place.line, place.column)
        for script, command in dockerfile(PLACES).shell.every()
        for place in [script.word(command)]
    }
    assert found == {
        "one": (2, 34),
        "two": (4, 8),
        "sh": (7, 8),
        "three": (7, 15),
        "four": (7, 23),
        "five": (9, 1),
        "six": (10, 3),
        "bash": (12, 5),
        "seven": (13, 1),
        "cat": (15, 5),
        "eight": (18, 7),
        "nine": (19, 13),
    }


@pytest.mark.parametrize(
    "text",
    [
        'FROM x\nSHELL ["powershell", "-Command"]\nRUN a\n',
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS a\nFROM a\nRUN a\n",
        "# escape=`\nFROM x\nRUN a\n",
        'FROM x AS a\nSHELL ["cmd"]\nFROM a\nRUN a\n',
    ],
)
def test_what_no_posix_shell_reads_is_not_split(text: str) -> None:
    assert list(dockerfile(text).shell.every()) == []


def test_a_shell_may_be_set_again() -> None:
    text = 'FROM x\nSHELL ["pwsh"]\nRUN a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN b\n'
    assert [command.program for _, command in dockerfile(text).shell.every()] == ["b"]


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="ab=$(){}'\"`\\|&;<>#\n \t-1!", max_size=60))
def test_splitting_never_fails_and_words_are_where_they_say(text: str) -> None:
    found, comments = split(text)
    for command in found:
        assert len(command.words) == len(command.spans)
        assert all(0 <= start < end <= len(text) for start, end in command.spans)
        assert all(index < len(found) for index in command.nested)
        assert command.piped_from < len(found)
    assert all(text[start] == "#" and start < end for start, end in comments)


@pytest.mark.parametrize(
    "unit",
    ["$(", "`", '"', "'", "(", "a;", "<<a ", "$((", '"$(', "\\", "case a in ", "a|", "${", "<(", "a=", "#\n", "{ "],
)
def test_splitting_takes_time_in_proportion_to_the_text(unit: str) -> None:
    def seconds(count: int) -> float:
        start = time.process_time()
        split(unit * count)
        return time.process_time() - start

    seconds(100)
    assert seconds(40_000) < 0.5 + 20 * seconds(4_000)
