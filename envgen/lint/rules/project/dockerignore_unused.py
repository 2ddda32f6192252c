from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around

_MISTYPED = ("dockerignore", ".dockerignore.txt", ".docker-ignore", ".dockeringore", ".dockerignor", ".dockerigonre")


@project_rule("EG317", "dockerignore-unused", Severity.WARNING, keys=("build",))
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
    seen: set[str] = set()
    for link in project.builds:
        if link.context is None or link.dockerfile_path is None or link.ignore is not None or not link.copies:
            continue
        for path in _candidates(project, link, contexts):
            if path in seen:
                continue
            seen.add(path)
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
    if project.compose is not None and _is_above(project, context, contexts):
        yield tree.join(project.folder, ".dockerignore")
    name = dockerfile.rpartition("/")[2]
    for one in (*_MISTYPED, f".{name}.dockerignore", f"{name.lower()}.dockerignore", f".dockerignore.{name}"):
        path = tree.join(context, one)
        if path != f"{dockerfile}.dockerignore" and tree.is_file(path) and one in tree.names(context):
            yield path


def _is_above(project: Project, context: str, contexts: set[str | None]) -> bool:
    """Whether an ignore file lies beside the compose file, and everything is built in folders below."""
    tree, folder = project.tree, project.folder
    if not tree.is_file(tree.join(folder, ".dockerignore")) or folder in contexts or None in contexts:
        return False
    if not all(one is not None and around.is_inside(one, folder) for one in contexts):
        return False
    if _has_other_compose(project):  # one of them may build here
        return False
    own = {link.dockerfile_path for link in project.builds}
    others = (name for name, is_folder in tree.entries(folder) if not is_folder and "dockerfile" in name.lower())
    return bool(context) and all(tree.join(folder, name) in own for name in others if not name.endswith("ignore"))


def _has_other_compose(project: Project) -> bool:
    tree, sources = project.tree, project.compose.sources if project.compose else ()
    own = {tree.join("", source.path) for source in sources}
    names = (name for name in tree.names(project.folder) if name.endswith((".yml", ".yaml")) and "compose" in name)
    return any(tree.join(project.folder, name) not in own for name in names)
