import re
from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule

_SEPARATOR = re.compile(r"(?<=[\w*.])\\(?=[\w.*])")


@project_rule("EG316", "dockerignore-backslash", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    r"""A pattern of the .dockerignore separates folders by a backslash.

    A backslash takes the meaning from the next character: `bin\Debug` matches `binDebug`, not what lies in `bin`.
    Only a slash separates folders, on Windows, too.

    Bad:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        bin\Debug

    Good:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        bin/Debug
    """
    for link in project.builds:
        if link.ignore is None or "\\" not in link.ignore.text:
            continue
        lines = link.ignore.text.split("\n")
        for number, pattern in link.ignore.patterns:
            if not _SEPARATOR.search(pattern) or "/" in pattern:
                continue
            start = lines[number - 1].index(pattern) + 1
            mended = pattern.replace("\\", "/")
            edit = Edit(number, start, number, start + len(pattern), mended)
            yield Violation(
                place=Place(number, start, len(pattern), link.ignore.path),
                message=f"a backslash separates no folders: `{pattern}` matches `{_SEPARATOR.sub('', pattern)}`",
                hint=f"write `{mended}`",
                fix=Fix((edit,), safe=False),
            )
