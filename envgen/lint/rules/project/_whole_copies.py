"""COPY instructions that take whole folders, and what an ignore file should hold then."""

from collections.abc import Iterable

from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink, Project
from envgen.lint.rules.project import _around as around
from envgen.lint.rules.project._leaks import Leak


def context_without_ignore(project: Project, link: BuildLink) -> str | None:
    """The context of a build that has no ignore file, else None.

    A Dockerfile that stands alone may be built from any folder above it: then there is none only where no folder up to
    the repository's root has an ignore file, and the Dockerfile's own folder is in the context in any case.
    """
    tree = project.tree
    if link.ignore is not None or link.parsed is None:
        return None
    if link.context is not None or link.service is not None:
        return link.context if link.has_context else None
    folder = tree.beside(link.dockerfile_path or "", ".")
    root = around.root_of(tree, link.dockerfile_path or "")
    above = around.folders_up(tree, folder, root)
    return None if any(tree.is_file(tree.join(one, ".dockerignore")) for one in above) else folder


def is_folder(project: Project, context: str, one: Copied) -> bool:
    """Whether a COPY takes the context or a folder of it."""
    tree = project.tree
    return one.path in (".", "*") or (one.path is not None and tree.is_folder(tree.join(context, one.path)))


def patterns(leaks: Iterable[Leak]) -> list[str]:
    """The patterns that keep these out, each once."""
    found: dict[str, None] = {}
    for leak in leaks:
        folder, _, name = leak.path.rpartition("/")
        found[f"**/{name}" if folder else name] = None
    return list(found)[:5]
