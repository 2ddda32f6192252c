import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen import codes
from envgen.cli.console import FormatOption
from envgen.finding import Edit, EnvgenError, Finding, Fix, Severity
from envgen.lint import formats
from envgen.lint.about import about
from envgen.lint.fingerprint import fingerprint
from envgen.lint.formats.text import said

EOL = Finding(
    code="EG050",
    severity=Severity.WARNING,
    file="envgen.yaml",
    line=4,
    column=14,
    message="node 14 has been past its end of life since 2023-04-30",
    hint="use a supported version",
    excerpt='    version: "14"',
    width=4,
)


def finding(**changes: object) -> Finding:
    facts: dict[str, object] = {
        "code": "EG001",
        "severity": Severity.ERROR,
        "file": "a.yaml",
        "line": 1,
        "column": 1,
        "message": "m",
    }
    return Finding(**(facts | changes))  # type: ignore[arg-type]


def text(*findings: Finding, color: bool = False) -> str:
    return formats.find("text")(findings, color=color)


def as_json(*findings: Finding) -> dict[str, object]:
    report: dict[str, object] = json.loads(formats.find("json")(findings, color=True))
    return report


def test_formats_are_found_by_their_file_names() -> None:
    assert {"text", "json"} <= set(formats.names())
    assert not [name for name in formats.names() if name.startswith("_")]


@pytest.mark.parametrize("name", formats.names())
def test_every_format_takes_nothing_and_anything(name: str) -> None:
    render = formats.find(name)
    assert isinstance(render([], color=False), str)
    assert render([EOL, finding()], color=False).endswith("\n")


def test_help_names_every_format() -> None:
    (option,) = FormatOption.__metadata__  # type: ignore[attr-defined]
    listed = re.findall(r"[a-z]+", option.help.partition(":")[2].replace(" or ", " "))
    assert listed == sorted(formats.names())


def test_an_unknown_format_is_a_usage_error_with_a_hint() -> None:
    with pytest.raises(EnvgenError) as raised:
        formats.find("jsn")
    (error,) = raised.value.findings
    assert (error.code, error.hint) == (codes.USAGE, "did you mean `json`?")
    with pytest.raises(EnvgenError):
        formats.find("_display")


# text


def test_text_shows_place_source_and_hint() -> None:
    assert text(EOL) == (
        "envgen.yaml:4:14: warning: node 14 has been past its end of life since 2023-04-30 [EG050]\n"
        '  |     version: "14"\n'
        "  |              ^^^^\n"
        "  help: use a supported version\n"
    )


def test_text_without_excerpt_and_hint_is_one_line() -> None:
    assert (
        text(finding(), finding(line=2, excerpt="   "))
        == "a.yaml:1:1: error: m [EG001]\na.yaml:2:1: error: m [EG001]\n"
    )


def test_text_of_nothing_is_nothing() -> None:
    assert text() == ""


@pytest.mark.parametrize(
    ("excerpt", "column", "width", "source", "underline"),
    [
        ("\tRUN x", 2, 3, "    RUN x", "    ^^^"),
        ("a\tb", 3, 1, "a    b", "     ^"),
        ("RUN\tx", 1, 5, "RUN    x", "^^^^^^^^"),
        ("你好: x", 5, 1, "你好: x", "      ^"),
        ("你好: x", 1, 2, "你好: x", "^^^^"),
        ("e\u0301: x", 5, 1, "e\u0301: x", "   ^"),
        ("👩\u200d💻 x", 5, 1, "👩\u200d💻 x", "     ^"),
        ("a\x1bb", 3, 1, "a\\x1bb", "     ^"),
        ("abc", 4, 1, "abc", "   ^"),
        ("abc", 99, 5, "abc", "   ^"),
        ("abc", 2, 99, "abc", " ^^"),
        ("abc   ", 1, 1, "abc", "^"),
        ("abc", 2, 0, "abc", " ^"),
    ],
)
def test_the_underline_is_beneath_what_it_is_about(
    excerpt: str, column: int, width: int, source: str, underline: str
) -> None:
    shown = text(finding(excerpt=excerpt, column=column, width=width)).splitlines()
    assert shown[1:] == [f"  | {source}", f"  | {underline}"]


@pytest.mark.parametrize("column", [1, 30, 5000, 9999])
def test_a_long_line_is_cut_around_the_place(column: int) -> None:
    line = "".join(f"{n:05}" for n in range(2000))
    _, source, underline = text(finding(excerpt=line, column=column, width=4)).splitlines()
    assert len(source) < 200
    marked = source[underline.index("^") : underline.rindex("^") + 1]
    assert marked == line[column - 1 : column + 3]
    assert len(text(finding(excerpt=line, column=column, width=9000)).splitlines()[2]) < 200


@pytest.mark.parametrize("field", ["file", "message", "hint", "excerpt", "code"])
@pytest.mark.parametrize(
    ("evil", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\rb\x08", "a\\rb\\x08"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x9b1mb", "a\\x9b1mb"),
        ("caf\udce9", "caf\\xe9"),
        ("a\ud800b", "a\\ud800b"),
        ("a\u2028b", "a\\u2028b"),
        ("a\U000e0001b", "a\\U000e0001b"),
    ],
)
def test_nothing_reaches_the_terminal_that_it_would_obey(field: str, evil: str, shown: str) -> None:
    written = text(finding(**{field: evil}))
    assert shown in written
    assert evil not in written
    written.encode()


def test_a_line_end_in_a_message_makes_no_second_finding() -> None:
    assert text(finding(message="a\nb.yaml:1:1: error: x")) == "a.yaml:1:1: error: a\\nb.yaml:1:1: error: x [EG001]\n"


def test_colour_only_when_asked_for_and_it_changes_nothing_else() -> None:
    colored = text(EOL, color=True)
    assert "\x1b[" not in text(EOL)
    assert "\x1b[1;33mwarning:\x1b[0m" in colored
    plain = colored
    for style in ("1;33", "33", "1", "0"):
        plain = plain.replace(f"\x1b[{style}m", "")
    assert plain == text(EOL)


@given(st.text(), st.integers(1, 300), st.integers(0, 300), st.text())
def test_text_is_total_and_never_holds_what_a_terminal_obeys(
    excerpt: str, column: int, width: int, message: str
) -> None:
    written = text(finding(excerpt=excerpt, column=column, width=width, message=message, file=message))
    assert not set(written) & {chr(n) for n in (*range(10), *range(11, 32), *range(127, 160))}
    written.encode()


@pytest.mark.parametrize("severity", [Severity.INFO, Severity.STYLE])
def test_text_says_a_mild_thing_once_a_file_without_source(severity: Severity) -> None:
    def mild(line: int, **changes: object) -> Finding:
        facts = {"severity": severity, "code": "EG241", "line": line, "column": 3, "excerpt": "  api:", "hint": "h"}
        return finding(**(facts | changes))

    written = text(
        *(mild(2), mild(2, code="EG238"), finding(line=5), mild(9), mild(15, message="other")),
        *(mild(9, file="b.yaml"), mild(10, file="b.yaml", code="EG238", hint="other")),
    )
    assert written == (
        "a.yaml:5:1: error: m [EG001]\n"  # below it what is milder
        f"a.yaml:2:3: {severity}: m [EG241]\n"
        "  also at: 9:3, 15:3\n"
        "  help: h\n"
        f"a.yaml:2:3: {severity}: m [EG238]\n"
        "  help: h\n"
        f"b.yaml:9:3: {severity}: m [EG241]\n"  # what to do about it is said above
        f"b.yaml:10:3: {severity}: m [EG238]\n"
        "  help: other\n"
    )


@pytest.mark.parametrize(
    ("first", "other", "shown"),
    [
        ("`web` of `a` is open", "`api` of `a` is open", "9:1 `api`"),
        ("`web` of `a` is open", "`web` of `b` is open", "9:1 `b`"),
        ("`web` of `a` is open", "`web` of `a` is open", "9:1"),
        ("`web` is open", "`web` of `a` is open", "9:1"),
        ("`web` is open", "`\x1b[1m` is open", "9:1 `\\x1b[1m`"),
    ],
)
def test_text_names_what_the_other_places_are_about(first: str, other: str, shown: str) -> None:
    pair = [finding(severity=Severity.INFO, message=first), finding(severity=Severity.INFO, message=other, line=9)]
    assert text(*pair) == f"a.yaml:1:1: info: {first} [EG001]\n  also at: {shown}\n"


def test_text_says_warnings_each_with_its_source() -> None:
    twice = [finding(severity=Severity.WARNING, line=line, excerpt="x") for line in (1, 2)]
    assert text(*twice).count("  | x\n") == 2


def test_text_says_what_to_do_about_each_warning() -> None:
    twice = [finding(severity=Severity.WARNING, line=line, hint="h") for line in (1, 2)]
    assert text(*twice).count("  help: h\n") == 2


def test_text_joins_what_we_and_hadolint_say_of_one_line() -> None:
    assert "hadolint/DL4000" in about("EG108").same_as
    ours = finding(code="EG108", severity=Severity.INFO, file="Dockerfile", line=3, column=6, hint="h")
    theirs = finding(code="DL4000", severity=Severity.ERROR, file="Dockerfile", line=3, message="theirs")
    for pair in ([theirs, ours], [ours, theirs, theirs]):
        assert text(*pair) == "Dockerfile:3:6: error: m [EG108, DL4000]\n  help: h\n"
    for other in (replace(theirs, line=4), replace(theirs, file="b/Dockerfile"), replace(theirs, code="DL3001")):
        assert text(ours, other).count("Dockerfile:") == 2
    assert len(as_json(ours, theirs)["findings"]) == 2  # type: ignore[arg-type]
    assert [one.code for one in said([theirs, ours, EOL])] == ["EG108", "EG050"]


def test_text_imports_rules_only_where_they_may_say_what_hadolint_says(tmp_path: Path) -> None:
    program = (
        "import sys; from envgen.finding import Finding, Severity; from envgen.lint import formats\n"
        "def one(code): return Finding(code=code, severity=Severity.INFO, file='a', line=1, column=1, message='m')\n"
        "formats.find('text')([one('DL3006'), one('DL3007')], color=False)\n"
        "assert 'envgen.lint.rules' not in sys.modules\n"
        "formats.find('text')([one('EG101'), one('DL3007')], color=False)\n"
        "rules = [name for name in sys.modules if name.startswith('envgen.lint.rules.')]\n"
        "assert rules and all(name.startswith('envgen.lint.rules.dockerfile') for name in rules), rules\n"
    )
    nothing_kept = os.environ | {"ENVGEN_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=nothing_kept)


# json


def test_json_is_the_documented_object() -> None:
    fixed = finding(code="EG101", fix=Fix((Edit(1, 2, 1, 5, "x"), Edit(3, 1, 4, 1, "")), safe=False))
    assert as_json(EOL, fixed) == {
        "version": 1,
        "findings": [
            {
                "code": "EG050",
                "severity": "warning",
                "file": "envgen.yaml",
                "line": 4,
                "column": 14,
                "width": 4,
                "message": "node 14 has been past its end of life since 2023-04-30",
                "hint": "use a supported version",
                "excerpt": '    version: "14"',
                "rule": "eol-runtime",
                "same_as": list(about("EG050").same_as),
                "url": None,
                "fix": None,
                "fingerprint": fingerprint(EOL),
            },
            {
                "code": "EG101",
                "severity": "error",
                "file": "a.yaml",
                "line": 1,
                "column": 1,
                "width": 1,
                "message": "m",
                "hint": None,
                "excerpt": "",
                "rule": "stage-name-casing",
                "same_as": ["buildkit/StageNameCasing"],
                "url": "https://docs.docker.com/reference/build-checks/stage-name-casing/",
                "fix": {
                    "safe": False,
                    "edits": [
                        {"line": 1, "column": 2, "end_line": 1, "end_column": 5, "text": "x"},
                        {"line": 3, "column": 1, "end_line": 4, "end_column": 1, "text": ""},
                    ],
                },
                "fingerprint": fingerprint(fixed),
            },
        ],
        "summary": {"error": 1, "warning": 1, "info": 0, "style": 0, "total": 2},
    }


def test_json_documents_every_key_of_a_finding() -> None:
    documented = import_module("envgen.lint.formats.json").__doc__ or ""
    (entry,) = as_json(EOL)["findings"]  # type: ignore[misc]
    assert set(re.findall(r'"([a-z_]+)":', documented)) >= {*entry, *asdict(Edit(1, 1, 1, 1, ""))}


def test_json_of_hadolints_codes_points_to_its_wiki() -> None:
    report = as_json(finding(code="DL3006"), finding(code="SC2086", line=2), finding(code="DL1000", line=3))
    urls = [entry["url"] for entry in report["findings"]]  # type: ignore[attr-defined]
    assert urls == [
        "https://github.com/hadolint/hadolint/wiki/DL3006",
        "https://www.shellcheck.net/wiki/SC2086",
        None,
    ]


def test_json_of_nothing() -> None:
    written = formats.find("json")([], color=False)
    assert json.loads(written) == {
        "version": 1,
        "findings": [],
        "summary": {"error": 0, "warning": 0, "info": 0, "style": 0, "total": 0},
    }
    assert written.endswith("}\n")


def test_json_is_ascii_without_half_characters() -> None:
    written = formats.find("json")([finding(file="caf\udce9", message="你 \ud800 \x1b[1m", hint="\udcff")], color=True)
    assert written.isascii()
    (entry,) = json.loads(written)["findings"]
    assert (entry["file"], entry["message"], entry["hint"]) == ("caf\\xe9", "你 \\ud800 \x1b[1m", "\\xff")
    assert "\x1b" not in written


def test_a_problem_of_the_call_has_no_line() -> None:
    finding = Finding(
        code="EG090", severity=Severity.ERROR, file="--format", line=1, column=1, message="no such format"
    )
    assert formats.find("text")([finding], color=False) == "--format: error: no such format [EG090]\n"
