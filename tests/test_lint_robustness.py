"""Whatever a file holds: the linter says something about it, or nothing, soon; it never fails."""

import random
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from large_files import BIG

from envgen.finding import Finding
from envgen.lint.engine import Tools, lint
from envgen.lint.files import Kind, LintFile

TODAY = date(2026, 11, 23)
FIXTURES = Path(__file__).parent / "rules"

DOCKERFILES = sorted(FIXTURES.glob("*/*/**/Dockerfile"))
COMPOSES = sorted(FIXTURES.glob("*/*/**/compose.yaml"))
SNIPPETS = [
    *("\\\n", "$", "${", "${A:-", "}", '"', "'", "`", "<<EOF", "<<-'E'\n", "EOF\n", "#", "\t", "\r\n", "\x0b"),
    *("FROM a AS a\n", "ARG A=$A\n", "ONBUILD ", "RUN ", "COPY --from=a ", "HEALTHCHECK ", "[", "]", "&&", "|"),
    *("&a ", "*a", "<<: *a", "!reset ", "- ", ": ", "{", "? ", "---\n", "%", "null", "0x1", "1:30", "services:\n"),
    *(";", "(", "  ", "\ufeff", "\u2028", "é"),
]


def run(text: str, kind: Kind) -> tuple[Finding, ...]:
    name = "Dockerfile" if kind is Kind.DOCKERFILE else "compose.yaml"
    return lint([LintFile(name, text, kind)], today=TODAY, tools=Tools(hadolint=None))


def failures(text: str, kind: Kind) -> list[str]:
    return [finding.message for finding in run(text, kind) if finding.code == "EG009"]


def mutated(text: str, source: random.Random) -> str:
    for _ in range(source.randint(1, 6)):
        at, end = sorted(source.randint(0, len(text)) for _ in range(2))
        match source.randint(0, 3):
            case 0:
                text = text[:at] + text[min(end, at + 20) :]
            case 1:
                text = text[:at] + source.choice(SNIPPETS) + text[at:]
            case 2:
                text = text[:at] + text[at : at + 40] + text[at:]
            case _:
                other = source.randint(0, len(text))
                text = text[:at] + text[other : other + 30] + text[min(end, at + 10) :]
    return text


@pytest.mark.parametrize(
    ("kind", "paths"), [(Kind.DOCKERFILE, DOCKERFILES), (Kind.COMPOSE, COMPOSES)], ids=["dockerfile", "compose"]
)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 10**9))
def test_no_mutation_of_a_file_makes_a_rule_fail(kind: Kind, paths: list[Path], number: int) -> None:
    source = random.Random(number)  # noqa: S311 - reproducible, not secret
    text = mutated(source.choice(paths).read_text(encoding="utf-8"), source)
    assert failures(text, kind) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from([Kind.DOCKERFILE, Kind.COMPOSE]))
def test_any_text_at_all(text: str, kind: Kind) -> None:
    assert failures(text, kind) == []


@pytest.mark.parametrize(("kind", "make"), [big[1:] for big in BIG], ids=[big[0] for big in BIG])
def test_four_times_the_size_takes_about_four_times_the_steps(kind: Kind, make: Callable[[int], str]) -> None:
    """A rule that looks at everything for everything takes sixteen times as many; benchmarks/sizes.py has the time."""

    def steps(size: int) -> int:
        text, count = make(size), 0

        def step(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(step)
        try:
            found = run(text, kind)
        finally:
            sys.setprofile(None)
        assert "EG009" not in {finding.code for finding in found}
        return count

    steps(20)
    assert steps(400) < 8 * steps(100)
