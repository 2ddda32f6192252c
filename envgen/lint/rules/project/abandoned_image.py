from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._end_of_life import abandoned, ended
from envgen.lint.rules.project._used_images import used_images


@project_rule("EG332", "abandoned-image", Severity.WARNING, keys=("build", "image"))
def check(project: Project) -> Iterator[Violation]:
    """Nobody makes this image any more.

    What it holds may live on, but under another name: the image itself gets no security fixes, and some (those of
    Bitnami) are no longer there to be pulled.

    Bad:

        --- Dockerfile
        FROM openjdk:17-jdk-slim

    Good:

        --- Dockerfile
        FROM eclipse-temurin:17-jdk
    """
    for image, place in used_images(project):
        found = abandoned(image)
        if found and not ended(image, project.today):
            yield Violation(
                place=place,
                message=f"`{image.text}` has got no updates since {found.since}: its image is no longer maintained",
                hint=f"use {found.instead}: {found.page}",
            )
