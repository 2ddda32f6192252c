from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule

_FOR_PEOPLE = frozenset(
    {
        "test",
        "tests",
        "testing",
        "unittest",
        "e2e",
        "lint",
        "linter",
        "check",
        "ci",
        "dev",
        "devel",
        "development",
        "debug",
    }
    | {"prod", "production", "release", "staging", "local", "docs", "export", "artifacts", "binaries", "dist", "bench"}
    | {"format", "update", "generate", "devcontainer", "tools", "shell", "coverage", "migrate", "migrations", "worker"}
)
_FEW = 2  # with more of them, people build them by `--target`


@project_rule("EG355", "stage-never-built", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """A stage is neither used by another one nor built by a service.

    BuildKit passes it over, so a mistake in it isn't noticed. Often a `COPY --from` was removed and its stage left
    behind. Stages that people seem to build by hand don't count: they have a CMD, or a name such as `test` or `debug`.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM node:24 AS deps
        RUN npm ci
        FROM node:24
        RUN npm ci --omit=dev

    Good:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM node:24 AS deps
        RUN npm ci
        FROM node:24
        COPY --from=deps /node_modules /node_modules
    """
    by_path: dict[str, list[BuildLink]] = {}
    for link in project.builds:
        if link.service is not None and link.dockerfile_path is not None:
            by_path.setdefault(link.dockerfile_path, []).append(link)
    for links in by_path.values():
        file = links[0].parsed
        if file is None or len(file.stages) < 2 or any(link.final_stage is None for link in links):  # noqa: PLR2004 - one is the image
            continue
        if any(link.target or "$" in _target(link) for link in links):
            continue  # a file with targets has them for others, too
        yield from _unused(links, file)


def _target(link: BuildLink) -> str:
    return link.service.build.target if link.service and link.service.build else ""


def _unused(links: list[BuildLink], file: Dockerfile) -> Iterator[Violation]:
    built = {step.stage.index for link in links for step in link.steps}
    built |= {stage.index for link in links for stage in [link.final_stage] if stage}
    said = " ".join(one.text for stage in file.stages for one in stage.instructions)
    unused = [
        stage
        for stage in file.stages[:-1]
        if stage.name and stage.index not in built and stage.instructions and not _is_for_people(stage.name)
        if not any(other.base.lower() == stage.name.lower() for other in file.stages)
        if f"from={stage.name}" not in said and not _is_complete(file, stage)
    ]
    for stage in unused if len(unused) <= _FEW else ():
        yield Violation(
            place=links[0].place(stage.origin, stage.name),
            message=f"no other stage uses `{stage.name}`, and no service builds it",
            hint="remove it, or copy from it what the image needs",
        )


def _is_complete(file: Dockerfile, stage: Stage) -> bool:
    """Whether a stage says how it runs: then it is an image of its own, for others."""
    return any(one.name in {"CMD", "ENTRYPOINT"} for part in file.lineage(stage) for one in part.instructions)


def _is_for_people(name: str) -> bool:
    return any(part in _FOR_PEOPLE for part in name.lower().replace("_", "-").split("-"))
