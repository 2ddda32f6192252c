"""The model of a Dockerfile: what its parser makes of it, and where everything stands."""

import random
from pathlib import Path
from time import process_time

import pytest
from e2b_dockerfile_utils import parse_dockerfile_ast
from hypothesis import given
from hypothesis import strategies as st

from envgen.lint.dockerfile import Dockerfile, Instruction, SyntaxProblem, parse
from envgen.lint.place import Place

RULES = Path(__file__).parent / "rules"
FIXTURES = sorted(path for path in RULES.rglob("Dockerfile") if path.is_file())


def read(text: str) -> Dockerfile:
    file = parse(text, "Dockerfile")
    assert isinstance(file, Dockerfile), file
    return file


def only(text: str) -> Instruction:
    (one,) = read(text).instructions
    return one


def test_continuation_lines_are_joined_and_comments_inside_left_out() -> None:
    file = read("FROM a\nRUN one \\\n  # comment\n\n  two \\  \n  three\nCMD x\n")
    run = file.instructions[1]
    assert run.args == ("one   two   three",)
    assert (run.line, run.end_line) == (2, 6)
    assert file.empty_continuations == (6,)
    assert file.instructions[2].line == 7


def test_an_escaped_escape_character_ends_the_line() -> None:
    file = read("FROM a\nRUN one \\\\\nRUN two\n")
    assert [one.name for one in file.instructions] == ["FROM", "RUN", "RUN"]


def test_the_escape_directive_changes_the_continuation_character() -> None:
    file = read("# syntax=docker/dockerfile:1\n# Escape = `\nFROM a\nRUN dir C:\\\nRUN one `\n two\n")
    assert file.escape == "`"
    assert file.directives == {"syntax": ("docker/dockerfile:1", 1), "escape": ("`", 2)}
    assert [one.args[-1] for one in file.instructions] == ["a", "dir C:\\", "one  two"]


@pytest.mark.parametrize(
    "text",
    ["\n# escape=`\nFROM a", "# comment\n# escape=`\nFROM a", "FROM a\n# escape=`", "# unknown=1\n# escape=`\nFROM a"],
)
def test_a_directive_below_anything_else_is_a_comment(text: str) -> None:
    file = read(text)
    assert file.escape == "\\"
    assert not file.directives


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# escape=x\nFROM a", 1),
        ("# syntax=a\n# syntax=b\nFROM a", 2),
        ("FROM a\nENV A", 2),
        ("FROM a\nENV A=1 B", 2),
        ("FROM a\nCMD [1]", 2),
        ("FROM a\nRUN <<EOF\nx", 2),
        ("FROM a\nONBUILD ENV A", 2),
        (f"FROM a\nRUN {'x' * 65_532}\n", 2),
    ],
)
def test_what_buildkit_refuses_is_a_problem_with_its_line(text: str, line: int) -> None:
    problem = parse(text, "Dockerfile")
    assert isinstance(problem, SyntaxProblem)
    assert problem.line == line


def test_the_longest_line_that_buildkit_reads_is_read() -> None:
    assert read(f"FROM a\nRUN {'x' * 65_531}\n").instructions[1].end_line == 2


def test_crlf_and_a_byte_order_mark_make_no_difference() -> None:
    text = '# escape=\\\nFROM a AS b\nRUN one \\\n\n  two\nCOPY <<EOF /x\nbody\nEOF\nCMD ["x"]\n'
    plain, other = read(text), read("\ufeff" + text.replace("\n", "\r\n"))
    assert [one.args for one in other.instructions] == [one.args for one in plain.instructions]
    assert [one.end_line for one in other.instructions] == [one.end_line for one in plain.instructions]
    assert other.directives == plain.directives
    assert other.lines[1] == "FROM a AS b"


def test_heredocs_have_their_content_and_first_line() -> None:
    file = read("FROM a\nRUN <<ONE <<-'TWO' cat\nFROM x\nONE\n\tbody\n\tTWO\nRUN [\"<<EOF\"]\nRUN echo $((1<<2))\n")
    one, two = file.instructions[1].heredocs
    assert (one.name, one.content, one.line, one.chomp, one.expand) == ("ONE", "FROM x\n", 3, False, True)
    assert (two.name, two.content, two.line, two.chomp, two.expand) == ("TWO", "\tbody\n", 5, True, False)
    assert file.instructions[1].end_line == 6
    assert [other.heredocs for other in file.instructions[2:]] == [(), ()]


def test_onbuild_holds_its_trigger_with_heredocs() -> None:
    file = read(
        "FROM a\nONBUILD RUN --network=none <<EOF\ntrue\nEOF\nONBUILD \\\n COPY a /b\nONBUILD\nonbuild ONBUILD RUN x\n"
    )
    run, copy, empty, chained = file.instructions[1:]
    assert run.trigger is not None
    assert run.trigger.flags == ("--network=none",)
    assert run.trigger.heredocs[0].content == "true\n"
    assert (run.end_line, run.trigger.line, run.trigger.end_line) == (4, 2, 4)
    assert copy.trigger is not None
    assert (copy.trigger.name, copy.trigger.args, copy.trigger.line) == ("COPY", ("a", "/b"), 5)
    assert empty.trigger is None
    assert chained.trigger is None
    assert file.names == {"FROM", "ONBUILD", "RUN", "COPY"}


@pytest.mark.parametrize(
    ("text", "flags", "args"),
    [
        ("COPY --from=a --chown=1:1 b c", ("--from=a", "--chown=1:1"), ("b", "c")),
        ('COPY --chown="a b" --x=\\" c d', ("--chown=a b", '--x="'), ("c", "d")),
        ("COPY -- --a b", (), ("--a", "b")),
        ('COPY ["a b", "c"]', (), ("a b", "c")),
        ('COPY ["a b", c]', (), ('["a', 'b",', "c]")),
        ("RUN --mount=type=cache,target=/x  a  b ", ("--mount=type=cache,target=/x",), ("a  b",)),
        ("RUN [NaN]", (), ("[NaN]",)),
        ("HEALTHCHECK --interval=1s CMD a b", ("--interval=1s",), ("CMD", "a b")),
        ('HEALTHCHECK CMD ["a", "b"]', (), ("CMD", "a", "b")),
        ('ENV A="b c" D=\\ e F=', (), ("A", '"b c"', "=", "D", "\\ e", "=", "F", "", "=")),
        ("ENV A b=c  d", (), ("A", "b=c  d", "")),
        ("ARG A B=\"c d\" E='f g'", (), ("A", 'B="c d"', "E='f g'")),
        ('ENV A="open b', (), ("A", '"open b', "=")),
        ("EXPOSE 80\t443", (), ("80", "443")),
        ("workdir  /a b ", (), ("/a b",)),
        ("NONSENSE a b", (), ()),
    ],
)
def test_flags_and_arguments_are_split_as_buildkit_does(
    text: str, flags: tuple[str, ...], args: tuple[str, ...]
) -> None:
    one = only(text)
    assert (one.flags, one.args) == (flags, args)


def test_stages_have_their_names_bases_and_platforms() -> None:
    file = read("ARG A\nFROM --platform=$P a:1 as Build\nRUN x\nFROM build\nFROM other AS build\nFROM Build\n")
    assert [(one.base, one.name, one.platform) for one in file.stages] == [
        ("a:1", "Build", "$P"),
        ("build", "", None),
        ("other", "build", None),
        ("Build", "", None),
    ]
    parents = [file.parent(stage) for stage in file.stages]
    assert [parent and parent.index for parent in parents] == [None, 0, None, 2]
    assert [one.index for one in file.lineage(file.stages[1])] == [1, 0]
    assert file.named_stage("BUILD") == file.stages[2]
    assert file.named_stage("missing") is None
    assert [one.args for one in file.global_args] == [("A",)]


def test_comments_above_an_instruction_are_kept_up_to_an_empty_one() -> None:
    file = read("# syntax=x\n# one\nARG A\n# two\n#\n# three\n\n# four\nARG B\n  # five\nARG C\nARG D\n")
    assert [one.comments for one in file.instructions] == [("one",), ("three", "four"), ("# five",), ()]


@pytest.mark.parametrize(
    ("part", "nth", "place"),
    [
        (None, 0, Place(2, 3, 4)),
        ("a", 0, Place(2, 16, 1)),
        ("a", 1, Place(4, 3, 1)),
        ("chown", 0, Place(2, 10, 5)),
        ("gone", 0, Place(2, 3, 4)),
        ("comment", 0, Place(2, 3, 4)),
    ],
)
def test_parts_are_found_where_they_are_written(part: str | None, nth: int, place: Place) -> None:
    file = read("FROM x\n  COPY --chown=a \\\n  # comment\n  a \\\n  /b/\n".replace("chown=a ", "chown=a "))
    found = file.place(file.instructions[1], part, nth=nth)
    assert found == place


def test_instructions_before_a_line() -> None:
    file = read("FROM a\nRUN b \\\n c\nRUN d\n")
    assert [one.line for one in file.starting_before(3)] == [2, 1]
    assert [one.line for one in file.starting_before(4)] == [4, 2, 1]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: str(path.parent.relative_to(RULES)))
def test_the_parser_agrees_with_a_port_of_buildkits(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as source:
        text = source.read()
    try:
        expected = parse_dockerfile_ast(text)
    except ValueError:
        return
    file = read(text)
    assert [(one.name, one.line, one.end_line, one.flags) for one in file.instructions] == [
        (one.name, one.start_line, one.end_line, tuple(one.flags)) for one in expected.instructions
    ]
    quoted = {"COPY", "ADD", "ONBUILD"}  # which BuildKit splits at spaces inside of quotes, too
    assert [one.args for one in file.instructions if one.name not in quoted] == [
        tuple(one.args) for one in expected.instructions if one.name not in quoted
    ]
    assert file.empty_continuations == tuple(warning.line for warning in expected.warnings)


PIECES = st.sampled_from(
    [
        *(
            "FROM ",
            "RUN ",
            "ENV ",
            "ONBUILD ",
            "COPY ",
            "CMD ",
            "ARG ",
            "A=",
            "$A",
            "${A:-",
            "}",
            "<<EOF",
            "EOF",
            "\\",
            "\n",
        ),
        *(
            "\r\n",
            '"',
            "'",
            "[",
            "]",
            "#",
            " ",
            "`",
            "# escape=`\n",
            "--x=",
            ",",
            "\ufeff",
            "\x00",
            "é",
            "\x85",
            "AS b\n",
        ),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_nothing_makes_the_parser_or_the_variables_fail(text: str) -> None:
    file = parse(text, "Dockerfile")
    if isinstance(file, Dockerfile):
        assert all(use.name for use in file.variables.undefined)
        assert all(1 <= one.line <= one.end_line <= len(file.lines) for one in file.instructions)


@pytest.mark.parametrize("seed", range(20))
def test_a_broken_dockerfile_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    text = "".join(path.read_text(encoding="utf-8") for path in FIXTURES)
    for _ in range(50):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(["", "\\", '"', "\n", "<<A", "$", "["]) + text[at + chance.randrange(3) :]
    assert parse(text, "Dockerfile")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"FROM a AS s{number}\nRUN x\n" for number in range(20_000)),
        "FROM a AS s0\n" + "".join(f"FROM s{number} AS s{number + 1}\nENV A=$B\n" for number in range(5_000)),
        f"FROM a\nRUN {'x' * 1_000_000}",
        "FROM a\nRUN x " + "\\\n  && y" * 50_000,
        f"FROM a\nCMD {'[' * 60_000}",
        f"FROM a\nENV A={'${a:-' * 10_000}",
        f"# syntax=a{' ' * 60_000}b\nFROM a",
        "FROM a\n" + "RUN x \\\n\n y\n" * 20_000,
        "FROM a\n" + "ARG A=$A$A\nENV B=$B$B$C\n" * 2_000,
        "FROM a\nARG A=" + "a" * 5_000 + "\nENV B=${A##*a*a*a*a*b} C=${A//a*a*b/x}",
    ],
    ids=[
        "stages",
        "chain",
        "long line",
        "continuations",
        "brackets",
        "braces",
        "blanks",
        "empty",
        "doubling",
        "patterns",
    ],
)
def test_no_input_takes_long(text: str) -> None:
    start = process_time()
    file = parse(text, "Dockerfile")
    if isinstance(file, Dockerfile):
        assert len(file.variables.parents) == len([file.parent(stage) for stage in file.stages])
    assert process_time() - start < 5


def test_a_from_inside_of_onbuild_starts_no_stage() -> None:
    file = parse("FROM a AS b\nONBUILD FROM c\nCMD d\n", "Dockerfile")
    assert isinstance(file, Dockerfile)
    assert [stage.name for stage in file.stages] == ["b"]
    assert [one.stage for one in file.instructions] == [0, 0, 0]


@pytest.mark.parametrize("line", ["FROM\\\n a", "from a", "FROM\ta", "FROM --platform=x a"])
def test_a_stage_starts_however_from_is_written(line: str) -> None:
    file = parse(f"{line}\nCMD d\n", "Dockerfile")
    assert isinstance(file, Dockerfile)
    assert [one.stage for one in file.instructions] == [0, 0]
