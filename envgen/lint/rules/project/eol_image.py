from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._end_of_life import ended
from envgen.lint.rules.project._used_images import used_images


@project_rule(
    "EG330",
    "eol-image",
    Severity.WARNING,
    same_as=("dockerfile-doctor/DD077", "tally/tally/ruby/eol-ruby-version"),
    keys=("build", "image"),
)
def check(project: Project) -> Iterator[Violation]:
    """An image holds a release that is past its end of life.

    Security holes that are found in it after that day stay open, and its image is no longer rebuilt, so those of the
    system below it stay open, too. Move to a release that is maintained.

    Bad:

        --- Dockerfile
        FROM node:14-slim
        --- compose.yaml
        services:
          db:
            image: postgres:9.6

    Good:

        --- Dockerfile
        FROM node:24-slim
        --- compose.yaml
        services:
          db:
            image: postgres:17
    """
    for image, place in used_images(project):
        if line := ended(image, project.today):
            yield Violation(
                place=place,
                message=f"`{image.text}` holds {line.title}, which has been past its end of life since {line.last_day}",
                hint=f"move to a release that is maintained: {line.page}",
            )
