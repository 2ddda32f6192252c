"""Variables of Dockerfiles: how words are expanded, what is set where, and which images FROM means."""

import pytest

from envgen.lint.dockerfile import Dockerfile, parse
from envgen.lint.dockerfile.base_variables import of_image
from envgen.lint.dockerfile.images import base_image, global_args, is_reference
from envgen.lint.dockerfile.shellwords import MISSING, Value, expand
from envgen.lint.dockerfile.variables import Variables
from envgen.lint.dockerfile.variables import expand as expanded

VALUES: dict[str, str | None] = {"FOO": "xxx", "EMPTY": "", "PATH_LIKE": "/a/b.tar.gz", "UNKNOWN": None}


def lookup(name: str) -> Value:
    return VALUES.get(name, MISSING)


def read(text: str) -> Dockerfile:
    file = parse(text, "Dockerfile")
    assert isinstance(file, Dockerfile)
    return file


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain", "plain"),
        ("$FOO/${FOO}", "xxx/xxx"),
        ("$FOOD${NO}x", "x"),
        ("'$FOO' \"$FOO\" \\$FOO", "$FOO xxx $FOO"),
        ('"a\\"b\\c\\\\"', 'a"b\\c\\'),
        ("it\\'s", "it's"),
        ("end\\", "end"),
        ("$ $/ 5$", "$ $/ 5$"),
        ("$$x", "x"),
        ("$1$?", ""),
        ("${FOO:-a}${EMPTY:-b}${EMPTY-c}${NO-d}", "xxxbd"),
        ("${FOO:+a}${EMPTY:+b}${EMPTY+c}${NO+d}", "ac"),
        ("${FOO:?a}${EMPTY?a}", "xxx"),
        ("${NO:-${FOO:-y}'$z'}", "xxx$z"),
        ("${PATH_LIKE#*.}", "tar.gz"),
        ("${PATH_LIKE##*.}", "gz"),
        ("${PATH_LIKE%.*}", "/a/b.tar"),
        ("${PATH_LIKE%%.*}", "/a/b"),
        ("${PATH_LIKE/a/x}", "/x/b.tar.gz"),
        ("${PATH_LIKE//a/x}", "/x/b.txr.gz"),
        ("${PATH_LIKE/\\//x}", "xa/b.tar.gz"),
        ("${PATH_LIKE/?.t/}", "/a/ar.gz"),
        ("${UNKNOWN+set}", "set"),
        ("${NO+$UNKNOWN}ok", "ok"),
        ("<<EOF", "<<EOF"),
    ],
)
def test_words_are_expanded(word: str, text: str) -> None:
    assert expand(word, lookup).text == text


@pytest.mark.parametrize("word", ["$UNKNOWN", "${UNKNOWN:-x}", "${NO:-$UNKNOWN}", "${FOO#$UNKNOWN}", "${FOO#*a*b*c}"])
def test_a_word_that_hangs_on_what_is_unknown_is_unknown(word: str) -> None:
    found = expand(word, lookup)
    assert (found.text, found.error) == (None, None)


@pytest.mark.parametrize(
    "word",
    [
        "${",
        "${}",
        "${FOO",
        "${FOO:x}",
        "${FOO=x}",
        "${ FOO }",
        "${NO?}",
        "${EMPTY:?}",
        "'a",
        '"a',
        "${FOO/a}",
        "${FOO#\\x}",
    ],
)
def test_what_buildkit_refuses_is_an_error(word: str) -> None:
    found = expand(word, lookup)
    assert found.error
    assert found.text is None


def test_used_and_missing_names_are_told_once() -> None:
    found = expand("$NO ${FOO:+$A} $NO ${B:-$FOO}", lookup)
    assert (found.used, found.missing) == (("FOO",), ("NO", "A", "B"))


def test_another_escape_character_and_bodies_without_quotes() -> None:
    assert expand("`$FOO\\$FOO", lookup, "`").text == "$FOO\\xxx"
    assert expand('it\'s "$FOO" \\$FOO', lookup, has_quotes=False).text == 'it\'s "xxx" $FOO'


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("node", True),
        ("node:22-slim", True),
        ("localhost/x", True),
        ("reg.example:5000/a/b:tag@sha256:" + "a" * 64, True),
        ("HOST/x", True),
        ("[::1]:5000/x", True),
        ("a__b/c-d.e", True),
        ("", False),
        ("node:", False),
        ("Node", False),
        ("a/B", False),
        ("a//b", False),
        ("a___b", False),
        ("node@sha256:abc", False),
        ("x:" + "t" * 129, False),
        ("f" * 64, False),
        ("a b", False),
    ],
)
def test_image_references(text: str, *, is_valid: bool) -> None:
    assert is_reference(text) is is_valid


def test_base_images_have_their_arguments_filled_in() -> None:
    file = read("ARG V=22\nARG N=node:$V\nARG T\nFROM $N-slim\nFROM x:$T\nFROM x$NO\nFROM x-$TARGETARCH\nFROM 'y'\n")
    found = [base_image(file, stage) for stage in file.stages]
    assert found == ["node:22-slim", None, "x", "x-amd64", "y"]
    assert base_image(file, file.stages[0], {"V": "24"}) == "node:24-slim"
    assert base_image(file, file.stages[1], {"T": "1"}) == "x:1"
    assert base_image(file, file.stages[1], {"T": None}) is None
    assert global_args(file, {"TARGETARCH": "arm64"})["TARGETARCH"] == "arm64"


ORDERED = """\
ARG GLOBAL=g
ARG BARE
FROM scratch AS base
ARG GLOBAL
ARG BARE
ENV A=1 B=$A
ENV B=$A$GLOBAL
WORKDIR $B
ENV A=2
ARG C=$A D=${C}4
FROM base AS Next
USER $A$B$C$D$E
FROM acme/unknown
USER $A
RUN x
"""


def test_variables_hold_from_where_they_are_set() -> None:
    file = read(ORDERED)
    by_name = {one.name: one for one in file.instructions}
    workdir = next(file.every("WORKDIR"))
    user, foreign = file.every("USER")
    assert expanded(file, workdir, "$A-$B") == "1-1g"
    assert expanded(file, workdir, "$C") is None
    assert file.variables.expansion(workdir, "$C").text == ""
    assert expanded(file, user, "$A$B$C$D") == "21g224"
    assert expanded(file, user, "plain") == "plain"
    assert expanded(file, foreign, "$A") is None
    assert file.variables.expansion(foreign, "$A").text is None
    assert expanded(file, by_name["RUN"], "$PATH") is None
    assert expanded(file, by_name["FROM"], "$GLOBAL") == "g"
    assert [(use.name, use.is_certain) for use in file.variables.undefined] == [("A", True), ("E", True), ("A", False)]


def test_build_arguments_take_the_place_of_defaults() -> None:
    file = read("ARG G=1\nFROM scratch\nARG G\nARG L=2\nARG BARE\nUSER $G$L$BARE")
    user = next(file.every("USER"))
    assert expanded(file, user, "$G$L") == "12"
    assert expanded(file, user, "$BARE") is None
    assert Variables(file, {"G": "8", "L": "9", "BARE": "7"}).expansion(user, "$G$L$BARE").text == "897"


def test_triggers_run_in_the_stages_that_the_last_one_needs() -> None:
    file = read("FROM scratch AS a\nONBUILD ENV X=1\nFROM a AS b\nFROM a AS c\nUSER $X\nFROM a\nCOPY --from=C x y\n")
    runs = [[command.instruction.name for command in file.variables.commands(stage)] for stage in file.stages]
    assert runs == [["ONBUILD"], [], ["ENV", "USER"], ["ENV", "COPY"]]
    assert not file.variables.undefined
    trigger = file.instructions[1].trigger
    assert trigger is not None
    assert expanded(file, trigger, "$X") is None
    assert expanded(file, trigger, "x") == "x"


def test_a_base_image_that_is_known_sets_only_what_it_sets() -> None:
    names = of_image("docker.io/library/golang:1.25@sha256:x")
    assert names is not None
    assert "GOPATH" in names
    assert of_image("debian") == frozenset()
    assert of_image("registry:5000/golang:1") is None
    assert of_image("acme/golang") is None
