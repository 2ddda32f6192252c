from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.files import Kind, kind_of
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around


@project_rule("EG304", "dockerfile-missing", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A service is built with a Dockerfile that doesn't exist.

    `docker compose build` fails with "failed to read dockerfile". The path in `dockerfile` is relative to the build
    context, not to the compose file, which is the most frequent reason.

    Bad:

        --- compose.yaml
        services:
          api:
            build:
              context: ./api
              dockerfile: api/Dockerfile
        --- api/Dockerfile
        FROM node:22

    Good:

        --- compose.yaml
        services:
          api:
            build:
              context: ./api
              dockerfile: Dockerfile
        --- api/Dockerfile
        FROM node:22
    """
    tree = project.tree
    for link in project.builds:
        path, service = link.dockerfile_path, link.service
        if service is None or path is None or link.context is None or not tree.is_folder(link.context):
            continue
        if tree.exists(path):
            continue
        root = around.root_of(tree, service.compose.path)
        if not around.is_inside(path, root) or around.is_submodule(tree, path, root):
            continue
        if around.is_ignored_by_git(tree, path, root) or around.template_of(tree, path):
            continue
        written = service.build.dockerfile if service.build else ""
        if around.is_vendored(path) or "\\" in written or _is_elsewhere(project, link, root):
            continue
        route = ("build", "dockerfile") if written else ("build",)
        yield Violation(
            place=service.place(*route),
            message=f"the service `{service.name}` is built with `{path}`, which doesn't exist",
            hint=_hint(project, link, written),
        )


def _is_elsewhere(project: Project, link: BuildLink, root: str) -> bool:
    """Whether context and Dockerfile are there relative to a folder above: that one is the project's then."""
    if link.service is None or link.service.build is None:
        return False
    build, compose = link.service.build, link.service.compose.path
    whole = project.tree.join(build.context, build.dockerfile or "Dockerfile")
    above = project.tree.beside(compose, "..")
    return around.is_inside(above, root) and around.is_from_above(project.tree, above + "/x", whole, root)


def _hint(project: Project, link: BuildLink, written: str) -> str | None:
    tree, context = project.tree, link.context or ""
    beside = tree.beside(link.service.compose.path, written) if link.service and written else None
    if beside and tree.is_file(beside) and around.is_inside(beside, context):
        return f"`dockerfile` is relative to the build context: write `{around.relative(beside, context)}`"
    likely = (name for name in tree.names(context) if "file" in name.lower())
    names = [name for name in likely if kind_of(name) is Kind.DOCKERFILE]
    return suggest.hint(written.rpartition("/")[2] or "Dockerfile", names)
