import re
from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Instruction, Stage
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around
from envgen.lint.rules.project._library import is_official

_SIGNS = "/:@.$"
_SHORTEST = 4  # letters of a name that may be another one misspelt
_TEMPLATE = re.compile(r"\{\{|<%|\{%")
_USUAL = frozenset(
    {
        "build",
        "builder",
        "base",
        "deps",
        "dependencies",
        "compile",
        "compiler",
        "vendor",
        "assets",
        "frontend",
        "backend",
    }
    | {"production", "prod", "development", "dev", "runtime", "release", "install", "installer", "test", "final", "app"}
)


@project_rule("EG329", "copy-from-unknown", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """Files are taken from a stage or image that isn't known.

    No stage above has this name, so BuildKit looks for an image, and Docker Hub has no official one called so: the
    build fails with "pull access denied, repository does not exist". Most often the stage was renamed.

    Bad:

        --- Dockerfile
        FROM golang:1.26 AS build
        RUN go build -o /server
        FROM debian:13
        COPY --from=builder /server /server

    Good:

        --- Dockerfile
        FROM golang:1.26 AS build
        RUN go build -o /server
        FROM debian:13
        COPY --from=build /server /server
    """
    own = _built_here(project)
    for link in project.builds:
        file = link.parsed
        if file is None or len(file.stages) < 2 or _TEMPLATE.search(file.text):  # noqa: PLR2004 - one stage has none above
            continue
        for stage in file.stages[1:]:
            names = [other.name for other in file.stages[: stage.index] if other.name]
            for one, source in _sources(stage) if names else ():
                name = source.lower()
                if file.named_stage(source) is None and _is_unknown(project, link, name, own):
                    near = suggest.closest(name, names) if len(name) >= _SHORTEST else None
                    is_built_by_compose = link.service is not None and (one.name == "COPY" or name in _USUAL)
                    if near or is_built_by_compose or (name in _USUAL and one.name == "COPY"):
                        yield _violation(link, one, source, names)


def _sources(stage: Stage) -> Iterator[tuple[Instruction, str]]:
    """What a stage is built on and copies from, but for numbers."""
    yield stage.origin, stage.base
    for one in stage.instructions:
        source = one.flag("from") if one.name == "COPY" and one.flags else None
        if source and not source.isdecimal():
            yield one, source


def _built_here(project: Project) -> frozenset[str]:
    services = project.compose.services.values() if project.compose else ()
    return frozenset((one.image or "").partition(":")[0].lower() for one in services)


def _is_unknown(project: Project, link: BuildLink, name: str, own: frozenset[str]) -> bool:
    """Whether a name is neither that of a context given to the build nor, for all that is known, that of an image."""
    if not name or any(sign in name for sign in _SIGNS) or name in own or name in {"scratch", "context"}:
        return False
    if name in {one.lower() for one in link.additional_contexts} or is_official(name):
        return False
    return not _is_given(project, link, name)


def _is_given(project: Project, link: BuildLink, name: str) -> bool:
    """Whether a bake file of the repository names it: there a build is given contexts and targets of this name."""
    tree, path = project.tree, link.dockerfile_path or (project.compose.path if project.compose else "")
    for folder in around.folders_up(tree, tree.beside(path, "."), around.root_of(tree, path)):
        for one in tree.names(folder):
            if (
                one.endswith((".hcl", ".json"))
                and "bake" in one
                and name in (tree.text(tree.join(folder, one)) or "").lower()
            ):
                return True
    return False


def _violation(link: BuildLink, one: Instruction, name: str, stages: list[str]) -> Violation:
    return Violation(
        place=link.place(one, name),
        message=f"there is no stage `{name}` above, and no official image of this name",
        hint=suggest.hint(name, stages) or (f"the stages above are {', '.join(stages)}" if stages else None),
    )
