from collections.abc import Iterator
from fnmatch import fnmatchcase

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around
from envgen.lint.rules.project._run_mounts import mounted
from envgen.lint.tree import Tree

_NAMES = frozenset(
    {"Gemfile", "Pipfile", "Makefile", "Procfile", "Rakefile", "LICENSE", "Caddyfile", "gradlew", "mvnw"}
)
_PERSONAL = frozenset({".git", ".local", ".npmrc", ".netrc", ".m2", ".gradle", ".pypirc", ".ssh", ".yarn", ".aws"})
_PROGRAM_FOLDERS = ("", "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin")


@project_rule("EG307", "copy-source-missing", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """COPY, ADD or a mount of RUN takes a file that the build context doesn't have.

    The build fails with "not found", or takes nothing where the source is a pattern. The path is relative to the build
    context, which need not be the Dockerfile's folder, and case matters. Files that a build makes (`dist/`,
    `target/*.jar`) and that git ignores don't count.

    Bad:

        --- compose.yaml
        services:
          api:
            build: ./api
        --- api/Dockerfile
        FROM python:3.13
        COPY requirement.txt .
        --- api/requirements.txt
        flask==3.1

    Good:

        --- compose.yaml
        services:
          api:
            build: ./api
        --- api/Dockerfile
        FROM python:3.13
        COPY requirements.txt .
        --- api/requirements.txt
        flask==3.1
    """
    for link in project.builds:
        if not link.has_context or link.context is None:
            continue
        taken = (*link.copies, *mounted(link))
        missing = [one for one in taken if not one.leaves_context and _is_missing(project, link.context, one)]
        if not missing:
            continue
        root = around.root_of(project.tree, link.dockerfile_path or link.context)
        if link.service is None and _has_other_context(project, missing, link.context, root):
            continue
        for one in missing:
            path = project.tree.join(link.context, one.path or "")
            if not _comes_later(project, link, one, path, root):
                yield _violation(project, link, one)


def _is_missing(project: Project, context: str, one: Copied) -> bool:
    tree = project.tree
    if one.path is None or one.path == ".":
        return False
    if one.has_glob:
        return _picks_files(one) and not _matches(tree, context, one.path)
    return not tree.exists(tree.join(context, one.path))


def _picks_files(one: Copied) -> bool:
    """Whether a COPY takes nothing but what a pattern such as `*.py` matches; `file*` may be there or not."""
    sources = one.step.instruction.args[:-1]
    return one.written.startswith("*.") and one.written.count("*") == 1 and all("*" in word for word in sources)


def _matches(tree: Tree, context: str, pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in tree.names(context))


def _has_other_context(project: Project, missing: list[Copied], context: str, root: str) -> bool:
    """Whether a Dockerfile that stands alone seems to be built from a folder further up."""
    tree, folder = project.tree, context
    for _ in range(4):
        folder = tree.join(folder, "..")
        if not around.is_inside(folder, root):
            return False
        if any(tree.exists(tree.join(folder, one.path or "")) for one in missing):
            return True
    return False


def _comes_later(project: Project, link: BuildLink, one: Copied, path: str, root: str) -> bool:
    """Whether a file may be made before the build: by a tool, by CI, by a person from a template."""
    tree, name = project.tree, (one.path or "").rpartition("/")[2]
    top = (one.path or "").partition("/")[0]
    if top in _PERSONAL or name.startswith(".env") or "TARGET" in one.written or around.is_vendored(path):
        return True
    if around.looks_built(one.path or "") or around.is_submodule(tree, path, root):
        return True
    if around.is_ignored_by_git(tree, path, root) or around.template_of(tree, path):
        return True
    return _may_be_program(project, link, one, path)


def _may_be_program(project: Project, link: BuildLink, one: Copied, path: str) -> bool:
    """Whether a file without an ending may be a program that is built before."""
    tree, name = project.tree, (one.path or "").rpartition("/")[2]
    if "$" in one.written and "." not in name:
        return True
    if "." in name or name in _NAMES or one.written.endswith("/"):
        return False
    if suggest.closest(name, tree.names(tree.beside(path, "."))) is not None:
        return False
    folder = (one.target or "").rstrip("/")
    if folder.rpartition("/")[2] == name:
        folder = folder.rpartition("/")[0]
    return folder in _PROGRAM_FOLDERS or _is_started(link, name)


def _is_started(link: BuildLink, name: str) -> bool:
    """Whether a name is that of the program which the image starts."""
    starts = (step.instruction for step in link.lineage if step.instruction.name in {"CMD", "ENTRYPOINT"})
    words = [word for one in starts for text in one.args for word in ([text] if one.is_json else text.split())]
    return any(word.rpartition("/")[2] == name for word in words)


def _violation(project: Project, link: BuildLink, one: Copied) -> Violation:
    tree, path = project.tree, tree_path(project, link, one)
    near = suggest.closest(path.rpartition("/")[2], tree.names(tree.beside(path, ".")))
    hint = None
    if near:
        folder = (one.path or "").rpartition("/")[0]
        hint = f"did you mean `{folder}/{near}`?" if folder else f"did you mean `{near}`?"
    elif link.dockerfile_path and tree.exists(tree.beside(link.dockerfile_path, one.path or "")):
        beside = around.relative(tree.beside(link.dockerfile_path, one.path or ""), link.context or "")
        hint = f"it is relative to the build context `{link.context}`: write `{beside}`"
    is_matching = "matches nothing" if one.has_glob else "doesn't exist"
    return Violation(
        place=link.place(one.step.instruction, one.written),
        message=f"`{one.path}` {is_matching} in the build context `{link.context}`",
        hint=hint,
    )


def tree_path(project: Project, link: BuildLink, one: Copied) -> str:
    """The path of what is copied, as shown to the user."""
    return project.tree.join(link.context or "", one.path or "")
