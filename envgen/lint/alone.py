"""What crosses files around a Dockerfile that no compose file builds: its .dockerignore, its age, what it copies."""

from collections.abc import Iterator, Sequence
from datetime import date

from envgen.finding import Finding
from envgen.lint.files import LintFile
from envgen.lint.options import Options
from envgen.lint.remembered import cache_of, remembered
from envgen.lint.rule import Scope, relevant
from envgen.lint.tools import Tools


def check(files: Sequence[tuple[LintFile, Options]], today: date, tools: Tools) -> Iterator[Finding]:
    """The findings about each Dockerfile, from the cache where everything that they hang on is as it was."""
    cache = cache_of(tools, today, "alone")
    for file, options in files:

        def find(file: LintFile = file, options: Options = options) -> tuple[Sequence[Finding], Sequence[str]]:
            return tuple(_check(file, options, today, tools)), ()

        findings, _ = remembered(cache, repr((file.path, options)) + file.text, tools.tree, find)
        yield from findings


def _check(file: LintFile, options: Options, today: date, tools: Tools) -> Iterator[Finding]:
    from envgen.lint import placing, project
    from envgen.lint.dockerfile import SyntaxProblem, parse

    parsed = parse(file.text, file.path)
    if isinstance(parsed, SyntaxProblem):
        return
    one = project.of_dockerfile(parsed, tools.tree, today, options)
    rules = relevant(tools.of(Scope.PROJECT), {"build"})
    yield from placing.run(rules, one, file.path, tools.tree.text)
