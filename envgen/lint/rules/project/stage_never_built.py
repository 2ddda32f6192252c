from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
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


@project_rule("EG355", "stage-never-built", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """A stage is neither used by another one nor built by a service.

    BuildKit passes it over, so a mistake in it isn't noticed. Often a `COPY --from` was removed and its stage left
    behind. Stages whose name says that people build them by hand (`test`, `dev`, `debug` ...) don't count.

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
    for stage in file.stages[:-1]:
        name = stage.name
        if not name or stage.index in built or not stage.instructions or _is_for_people(name):
            continue
        if not any(other.base.lower() == name.lower() for other in file.stages) and f"from={name}" not in said:
            yield Violation(
                place=links[0].place(stage.origin, name),
                message=f"no other stage uses `{name}`, and no service builds it",
                hint="remove it, or copy from it what the image needs",
            )


def _is_for_people(name: str) -> bool:
    return any(part in _FOR_PEOPLE for part in name.lower().replace("_", "-").split("-"))
