from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule


@project_rule("EG301", "build-target-missing", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A service builds a stage that its Dockerfile doesn't have.

    `docker compose build` fails with "target stage could not be found"; most often the stage was renamed in the
    Dockerfile only.

    Bad:

        --- compose.yaml
        services:
          api:
            build: {context: ., target: prod}
        --- Dockerfile
        FROM node:22 AS production

    Good:

        --- compose.yaml
        services:
          api:
            build: {context: ., target: production}
        --- Dockerfile
        FROM node:22 AS production
    """
    for link in project.builds:
        if link.service is None or link.parsed is None or not link.target or link.final_stage is not None:
            continue
        names = [stage.name for stage in link.parsed.stages if stage.name]
        yield Violation(
            place=link.service.place("build", "target"),
            message=f"there is no stage `{link.target}` in {link.parsed.path}",
            hint=suggest.hint(link.target, names) or (f"it has {', '.join(names)}" if names else "it names no stage"),
        )
