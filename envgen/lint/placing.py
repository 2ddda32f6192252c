"""Violations -> findings: code, severity and source line are added here, and a rule that fails hides no other."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from envgen import codes
from envgen.finding import Finding, Severity
from envgen.lint.excerpt import excerpt
from envgen.lint.rule import Rule, Violation

ReadText = Callable[[str], str | None]


def run(rules: Iterable[Rule], subject: Any, path: str, text_of: ReadText) -> Iterator[Finding]:  # noqa: ANN401 - each scope has its own
    """What rules find in their subject, as findings in `path` or where a violation says; `text_of` reads a path.

    A rule that fails is a finding of its own: neither it nor its file may cost the others' results.
    """
    for rule in rules:
        try:
            violations = list(rule.check(subject))
        except Exception as error:  # noqa: BLE001 - a bug in one rule on one file; the tests let none of these pass
            yield _failed(rule, path, error)
            continue
        for violation in violations:
            yield placed(rule.code, rule.severity, violation, path, text_of)


def _failed(rule: Rule, path: str, error: Exception) -> Finding:
    message = f"the rule {rule.name} failed on this file: {type(error).__name__}: {error}"
    hint = "this is a bug in envgen: please report it with the file"
    return Finding(
        code=codes.INTERNAL, severity=Severity.ERROR, file=path, line=1, column=1, message=message, hint=hint
    )


def placed(code: str, severity: Severity, violation: Violation, path: str, text_of: ReadText) -> Finding:
    """A violation as a finding with its source line."""
    place = violation.place
    file = place.file or path
    lines = _lines(text_of(file) or "")
    return Finding(
        code=code,
        severity=severity,
        file=file,
        line=place.line,
        column=place.column,
        message=violation.message,
        hint=violation.hint,
        excerpt=excerpt(file, lines, place.line),
        width=place.width,
        fix=violation.fix,
    )


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    return text.split("\n")
