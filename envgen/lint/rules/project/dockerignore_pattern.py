from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.place import Place
from envgen.lint.project import Project, pattern_matcher
from envgen.lint.rule import Violation, project_rule


@project_rule("EG312", "dockerignore-pattern", Severity.ERROR, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    r"""A pattern of the .dockerignore is one that BuildKit refuses.

    Every build of this context then fails with "syntax error in pattern" or "illegal exclusion pattern", without the
    name of the file or the line: an opening bracket without its end, a `\` at the end, a `!` with nothing behind it.

    Bad:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        logs[0-9

    Good:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        logs[0-9]
    """
    for link in project.builds:
        if link.ignore is None:
            continue
        for line, pattern in link.ignore.patterns:
            if pattern_matcher([pattern]) is not None:
                continue
            reason = "nothing follows its `!`" if pattern.strip("! ") == "" else "its syntax is wrong"
            yield Violation(
                place=Place(line, 1, len(pattern), link.ignore.path),
                message=f"BuildKit refuses the pattern `{pattern}`: {reason}",
                hint="close the `[`, or write a `\\` before a character that is meant as it is",
            )
