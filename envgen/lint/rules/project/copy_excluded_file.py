from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink, Ignore, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._run_mounts import mounted
from envgen.lint.tree import Tree

_DEEPEST = 6


@project_rule("EG327", "copy-excluded-file", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """COPY names a file that a .dockerignore with exceptions leaves out.

    The file is there, but no exception (`!`) brings it back into the build, which fails with "not found". BuildKit's
    own check (see EG302) looks at ignore files without exceptions only.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM python:3.13
        COPY requirements.txt ./
        COPY src ./src
        --- requirements.txt
        flask==3.1
        --- src/app.py
        print("hello")
        --- .dockerignore
        *
        !src

    Good:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM python:3.13
        COPY requirements.txt ./
        COPY src ./src
        --- requirements.txt
        flask==3.1
        --- src/app.py
        print("hello")
        --- .dockerignore
        *
        !src
        !requirements.txt
    """
    for link in project.builds:
        ignore, context = link.ignore, link.context
        if ignore is None or context is None or not link.has_context:
            continue
        has_exceptions = any(pattern.startswith("!") for _, pattern in ignore.patterns)
        taken = (*link.copies, *mounted(link)) if has_exceptions else mounted(link)
        for one in taken:
            if one.path not in {None, "."} and not one.has_glob and _is_left_out(project.tree, context, one, ignore):
                yield _violation(link, one, ignore)


def _is_left_out(tree: Tree, context: str, one: Copied, ignore: Ignore) -> bool:
    """Whether a path of the context exists and stays outside with everything in it."""
    path = one.path or ""
    place = tree.join(context, path)
    if not ignore.excludes(path) or not tree.exists(place):
        return False
    if not tree.is_folder(place):
        return True
    inside = tree.entries(place, depth=_DEEPEST)
    return all(is_folder or ignore.excludes(f"{path}/{name}") for name, is_folder in inside)


def _violation(link: BuildLink, one: Copied, ignore: Ignore) -> Violation:
    return Violation(
        place=link.place(one.step.instruction, one.written),
        message=f"`{one.path}` is kept out of the build by {ignore.path}, and no exception brings it back",
        hint=f"add `!{one.path}` to {ignore.path}",
    )
