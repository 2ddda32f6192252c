from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule

_MISTYPED = ("dockerignore", ".dockerignore.txt", ".docker-ignore", ".dockeringore", ".dockerignor", ".dockerigonre")


@project_rule("EG317", "dockerignore-unused", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """An ignore file lies where no build reads it.

    BuildKit reads `.dockerignore` at the top of the build context, or `<Dockerfile>.dockerignore` beside the
    Dockerfile. One beside a Dockerfile whose context is another folder, or under another name, excludes nothing.

    Bad:

        --- compose.yaml
        services:
          api:
            build:
              context: .
              dockerfile: api/Dockerfile
        --- api/Dockerfile
        FROM node:22
        COPY . /app
        --- api/.dockerignore
        **/.env

    Good:

        --- compose.yaml
        services:
          api:
            build:
              context: .
              dockerfile: api/Dockerfile
        --- api/Dockerfile
        FROM node:22
        COPY . /app
        --- .dockerignore
        **/.env
    """
    contexts = {link.context for link in project.builds}
    for link in project.builds:
        if link.context is None or link.dockerfile_path is None or link.ignore is not None or not link.copies:
            continue
        for path in _candidates(project, link, contexts):
            yield Violation(
                place=Place(1, 1, 1, path),
                message=f"no build reads this file: the context of `{link.dockerfile_path}` is `{link.context}`",
                hint=f"move it to `{project.tree.join(link.context, '.dockerignore')}` or"
                f" `{link.dockerfile_path}.dockerignore`",
            )


def _candidates(project: Project, link: BuildLink, contexts: set[str | None]) -> Iterator[str]:
    tree, context, dockerfile = project.tree, link.context or "", link.dockerfile_path or ""
    folder = tree.beside(dockerfile, ".")
    if folder not in contexts:
        beside = tree.join(folder, ".dockerignore")
        if tree.is_file(beside):
            yield beside
    name = dockerfile.rpartition("/")[2]
    for one in (*_MISTYPED, f".{name}.dockerignore", f"{name.lower()}.dockerignore", f".dockerignore.{name}"):
        path = tree.join(context, one)
        if path != f"{dockerfile}.dockerignore" and tree.is_file(path) and one in tree.names(context):
            yield path
