from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around


@project_rule("EG303", "build-context-missing", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A service is built from a folder that doesn't exist.

    `docker compose build` and `up` fail with "path not found". Most often the folder was renamed or moved, or the path
    is meant relative to another file than the compose file. Folders that git ignores or that are submodules don't
    count.

    Bad:

        --- compose.yaml
        services:
          api:
            build: ./backend
        --- back-end/Dockerfile
        FROM node:22

    Good:

        --- compose.yaml
        services:
          api:
            build: ./back-end
        --- back-end/Dockerfile
        FROM node:22
    """
    for link in project.builds:
        yield from _additional(project, link)
        if link.service is None or link.context is None or project.tree.exists(link.context):
            continue
        root = around.root_of(project.tree, link.service.compose.path)
        written = link.service.build.context if link.service.build else ""
        if not around.is_inside(link.context, root) or _comes_later(project, link.context, root) or "\\" in written:
            continue
        if around.is_from_above(project.tree, link.service.compose.path, written, root):
            continue
        yield _violation(project, link, link.context)


def _comes_later(project: Project, context: str, root: str) -> bool:
    return around.is_submodule(project.tree, context, root) or around.is_ignored_by_git(project.tree, context, root)


def _violation(project: Project, link: BuildLink, context: str) -> Violation:
    service, tree = link.service, project.tree
    assert service is not None  # noqa: S101 - the caller has looked
    build = service.build
    route = ("build",) if build is None or build.is_short else ("build", "context")
    above = tree.join(context, "..")
    folders = [name for name in tree.names(above) if tree.is_folder(tree.join(above, name))]
    near = suggest.closest(context.rpartition("/")[2], folders)
    return Violation(
        place=service.place(*route),
        message=f"the build context `{context}` of the service `{service.name}` doesn't exist",
        hint=f"did you mean `{tree.join(above, near)}`?" if near else None,
    )


def _additional(project: Project, link: BuildLink) -> Iterator[Violation]:
    """The further contexts of a build that are folders: those that aren't there."""
    service = link.service
    contexts = mapped(service.data.get("build")).get("additional_contexts") if service else None
    if service is None or not contexts:
        return
    pairs: list[tuple[str | int, str]] = [(name, text_of(value) or "") for name, value in mapped(contexts).items()]
    pairs += [(at, (text_of(item) or "").partition("=")[2]) for at, item in enumerate(listed(contexts))]
    root = around.root_of(project.tree, service.compose.path)
    for key, value in pairs:
        if not value.startswith(("./", "../")) or "$" in value:
            continue
        route = ("build", "additional_contexts", key)
        path = project.tree.join(service.compose.folder("services", service.name, *route), value)
        if project.tree.exists(path) or not around.is_inside(path, root) or _comes_later(project, path, root):
            continue
        if not around.looks_built(value):
            yield Violation(
                place=service.place(*route),
                message=f"the additional build context `{path}` of the service `{service.name}` doesn't exist",
            )
