from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._leaks import leaks, takes
from envgen.lint.rules.project._root_only import root_only


@project_rule("EG315", "dockerignore-root-only", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A pattern of the .dockerignore matches at the top only, and the same name lies deeper, too.

    Unlike in a .gitignore, `node_modules` in a .dockerignore doesn't match `web/node_modules`; `**/node_modules`
    matches both. So what was to stay outside gets into the image.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM node:22
        COPY . /app
        --- .dockerignore
        .env
        --- api/.env
        DB_PASSWORD=hunter2

    Good:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM node:22
        COPY . /app
        --- .dockerignore
        **/.env
        --- api/.env
        DB_PASSWORD=hunter2
    """
    for link in project.builds:
        ignore, context = link.ignore, link.context
        if ignore is None or context is None or not link.has_context or not link.copies:
            continue
        lines = {pattern: line for line, pattern in root_only(ignore)}
        if not lines:
            continue
        seen: set[str] = set()
        for leak in leaks(context, project.tree):
            name = leak.path.rpartition("/")[2]
            if "/" not in leak.path or name not in lines or name in seen or ignore.excludes(leak.path):
                continue
            if any(takes(one, leak.path) for one in link.copies):
                seen.add(name)
                yield _violation(ignore.path, ignore.text, lines[name], name, leak.path)


def _violation(file: str, text: str, line: int, name: str, path: str) -> Violation:
    column = text.split("\n")[line - 1].index(name) + 1
    return Violation(
        place=Place(line, column, len(name), file),
        message=f"`{name}` matches at the top of the context only, so `{path}` gets into the build",
        hint=f"write `**/{name}`",
        fix=Fix((Edit(line, column, line, column, "**/"),)),
    )
