from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around


@project_rule(
    "EG308", "copy-outside-context", Severity.WARNING, same_as=("dockerfilelint/add_src_invalid",), keys=("build",)
)
def check(project: Project) -> Iterator[Violation]:
    """COPY or ADD reaches for a file outside of the build context.

    A build sees nothing but its context: BuildKit cuts `..` off at the context's top, so `../shared` means `shared`
    inside of it, and the build fails with "not found". Build from the folder above, or give the other one by
    `additional_contexts`.

    Bad:

        --- compose.yaml
        services:
          api:
            build: ./api
        --- api/Dockerfile
        FROM node:22
        COPY ../shared /app/shared
        --- shared/log.js
        exports.log = console.log

    Good:

        --- compose.yaml
        services:
          api:
            build:
              context: .
              dockerfile: api/Dockerfile
        --- api/Dockerfile
        FROM node:22
        COPY shared /app/shared
        --- shared/log.js
        exports.log = console.log
    """
    tree = project.tree
    for link in project.builds:
        if link.parsed is None or ".." not in link.parsed.text:
            continue
        for one in link.copies:
            if not one.leaves_context or one.path in (None, ".") or one.has_glob or around.looks_built(one.path):
                continue
            if link.context is not None:
                is_lost = link.has_context and not tree.exists(tree.join(link.context, one.path))
            else:
                is_lost = link.service is None and not _is_somewhere(project, link, one)
            if is_lost:
                yield Violation(
                    place=link.place(one.step.instruction, one.written),
                    message=f"`{one.written}` lies outside of the build context: BuildKit looks for `{one.path}` in it",
                    hint="build from a folder that holds both, or name the other one in `additional_contexts`",
                )


def _is_somewhere(project: Project, link: BuildLink, one: Copied) -> bool:
    """Whether any folder that may be the context, from the Dockerfile's up, has what is left of the path."""
    tree = project.tree
    folder = tree.beside(link.dockerfile_path or "", ".")
    root = around.root_of(tree, link.dockerfile_path or "")
    return any(tree.exists(tree.join(above, one.path or "")) for above in around.folders_up(tree, folder, root))
