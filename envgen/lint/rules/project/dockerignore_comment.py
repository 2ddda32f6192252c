import re
from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule

_COMMENT = re.compile(r"\s+#(?:\s|\w).*$|\s+//\s.*$|\s+#$")


@project_rule("EG313", "dockerignore-comment", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A comment in the .dockerignore is read as a part of a pattern.

    Only a line whose first character is `#` is a comment. `.env  # secrets` is a pattern for a file of that whole name,
    so `.env` isn't excluded at all and gets into the build.

    Bad:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        .env  # secrets

    Good:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        # secrets
        .env
    """
    for link in project.builds:
        if link.ignore is None or ("#" not in link.ignore.text and "//" not in link.ignore.text):
            continue
        lines = link.ignore.text.split("\n")
        for number, pattern in link.ignore.patterns:
            line = lines[number - 1].rstrip("\r")
            start = len(line) - len(line.lstrip())
            if pattern.startswith(("#", "//")):
                fix = Fix((Edit(number, 1, number, start + 1, ""),)) if pattern.startswith("#") else None
                yield Violation(
                    place=Place(number, start + 1, len(pattern), link.ignore.path),
                    message=f"`{pattern}` is a pattern: only a line whose first character is `#` is a comment",
                    hint="start the line with `#`",
                    fix=fix,
                )
            elif (match := _COMMENT.search(line, start)) and match.start() > start:
                name = line[start : match.start()]
                edit = Edit(number, start + 1, number, len(line) + 1, f"{match[0].strip()}\n{name}")
                yield Violation(
                    place=Place(
                        number, match.start() + 1 + len(match[0]) - len(match[0].lstrip()), 1, link.ignore.path
                    ),
                    message=f"the comment belongs to the pattern, so `{name}` isn't excluded",
                    hint="put the comment on a line of its own",
                    fix=Fix((edit,), safe=False) if "#" in match[0][:4] and start == 0 else None,
                )
