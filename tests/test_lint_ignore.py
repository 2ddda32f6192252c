import pytest

from envgen.finding import Finding, Severity
from envgen.lint.ignore import not_ignored

NAMES = {"EG050": "eol-runtime", "EG010": "unknown-key"}


def kept(text: str, *lines: int, code: str = "EG050") -> list[int]:
    findings = [
        Finding(code=code, severity=Severity.ERROR, file="f", line=line, column=1, message="m") for line in lines
    ]
    return [finding.line for finding in not_ignored(findings, text, NAMES)]


@pytest.mark.parametrize(
    "comment",
    [
        "# envgen: ignore=EG050",
        "# envgen: ignore=EG050 (we move in spring)",
        "# envgen: ignore=eol-runtime",
        "# envgen: ignore=eg050",
        "#envgen:ignore=EG050",
        "# envgen: ignore = EG010 , eol-runtime (both)",
        "# noqa # envgen: ignore=EG010,EG050",
    ],
)
def test_a_comment_on_the_line_or_above_it_silences(comment: str) -> None:
    assert kept(f"version: 1  {comment}\n", 1) == []
    assert kept(f"{comment}\nversion: 1\n", 2) == []
    assert kept(f"  {comment}\n  # another comment\nversion: 1\n", 3) == []


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\n",
        "version: 1  # envgen: ignore=EG010\n",
        "version: 1  # envgen: ignore=EG0501\n",
        "version: 1  # envgen: ignore=\n",
        "version: 1  # ignore=EG050\n",
        "version: 1# envgen: ignore=EG050\n",
        "version: envgen: ignore=EG050\n",
    ],
)
def test_what_silences_nothing(text: str) -> None:
    assert kept(text, 1) == [1]


def test_a_comment_behind_a_value_is_about_its_own_line_only() -> None:
    assert kept("a: 1  # envgen: ignore=EG050\nb: 1\n", 1, 2) == [2]


def test_a_comment_line_is_about_the_next_line_only() -> None:
    assert kept("# envgen: ignore=EG050\na: 1\nb: 1\n", 2, 3) == [3]


def test_comment_lines_add_up() -> None:
    text = "# envgen: ignore=EG010\n# envgen: ignore=EG050\na: 1\n"
    assert kept(text, 3) == []
    assert kept(text, 3, code="EG010") == []


def test_findings_without_a_name_or_beyond_the_text_pass() -> None:
    assert kept("a # envgen: ignore=DL3006\n", 1, 99, code="DL3006") == [99]


def test_a_finding_on_the_comment_itself() -> None:
    assert kept("# envgen: ignore=EG050\n", 1) == []
