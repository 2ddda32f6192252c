"""Compose files against the compose specification."""

from collections.abc import Iterator

from envgen import compose_schema
from envgen.finding import EnvgenError, Finding
from envgen.lint.files import LintFile
from envgen.source import parse


def check(file: LintFile) -> Iterator[Finding]:
    """Syntax and schema errors of one compose file. Never fails: a file that is no YAML is a finding."""
    try:
        source = parse(file.text, file.path)
    except EnvgenError as error:
        yield from error.findings
        return
    yield from source.problems
    yield from (source.finding(problem) for problem in compose_schema.check(source.data))
