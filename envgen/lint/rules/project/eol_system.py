from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._end_of_life import ended, system_ended
from envgen.lint.rules.project._used_images import used_images


@project_rule("EG331", "eol-system", Severity.INFO, keys=("build", "image"))
def check(project: Project) -> Iterator[Violation]:
    """An image is built on a release of a Linux distribution that is past its end of life.

    The runtime in it may be maintained, but its tag names a Debian, Ubuntu or Alpine release whose packages get no
    security fixes any more, and such tags are no longer rebuilt. Take the tag with a newer release.

    Bad:

        --- Dockerfile
        FROM node:22-buster-slim

    Good:

        --- Dockerfile
        FROM node:22-trixie-slim
    """
    for image, place in used_images(project):
        line = system_ended(image, project.today)
        if line and not ended(image, project.today):
            yield Violation(
                place=place,
                message=f"`{image.text}` is built on {line.title}, which has been past its end of life since "
                f"{line.last_day}",
                hint=f"take the tag with a newer release: {line.page}",
            )
