"""What crosses files around a Dockerfile that no compose file builds: its .dockerignore, its age, what it copies."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from envgen.finding import Finding
from envgen.lint.cache import Cache, restored, stored
from envgen.lint.files import LintFile
from envgen.lint.options import Options
from envgen.lint.rule import Scope
from envgen.lint.tools import Tools
from envgen.lint.tree import UNREPEATABLE, Tree


def check(files: Sequence[tuple[LintFile, Options]], today: date, tools: Tools) -> Iterator[Finding]:
    """The findings about each Dockerfile, from the cache where everything that they hang on is as it was."""
    folder = tools.cache if tools.rules is None else None
    cache = Cache(folder, ("alone", str(Path.cwd()), today.isoformat()), suffix=".around")
    for file, options in files:
        key = repr((file.path, options)) + file.text
        entry = cache.load(key)
        if entry is not None and _holds(entry, tools.tree):
            yield from restored(entry["findings"], file.text, file.path)
            continue
        with tools.tree.recording() as asked:
            found = tuple(_check(file, options, today, tools))
        if all(kind != UNREPEATABLE for kind, _ in asked) and all(one.file == file.path for one in found):
            answers = [[kind, path, answer] for (kind, path), answer in asked.items()]
            cache.store(key, {"asked": answers, "findings": stored([replace(one, file="") for one in found])})
        yield from found


def _holds(entry: Any, tree: Tree) -> bool:  # noqa: ANN401 - JSON
    return all(tree.answer((kind, path)) == answer for kind, path, answer in entry["asked"])


def _check(file: LintFile, options: Options, today: date, tools: Tools) -> Iterator[Finding]:
    from envgen.lint import placing, project
    from envgen.lint.dockerfile import SyntaxProblem, parse

    parsed = parse(file.text, file.path)
    if isinstance(parsed, SyntaxProblem):
        return
    one = project.of_dockerfile(parsed, tools.tree, today, options)
    for rule in tools.of(Scope.PROJECT):
        yield from placing.run(rule, one, file.path, tools.tree.text)
