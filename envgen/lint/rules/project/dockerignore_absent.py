from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _whole_copies as whole
from envgen.lint.rules.project._leaks import is_needed, leaks, reaching_image, takes


@project_rule("EG310", "dockerignore-absent", Severity.INFO, same_as=("droast/DF033", "droast/DF026"), keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """The whole build context is copied, and there is no .dockerignore.

    Whatever lies in the folder on the day of the build comes along: `.git`, an `.env`, test data, editors' files. The
    image grows, and a change of any of them makes the build start over.

    Bad:

        --- Dockerfile
        FROM golang:1.25
        COPY . /src
        --- main.go
        package main

    Good:

        --- Dockerfile
        FROM golang:1.25
        COPY . /src
        --- main.go
        package main
        --- .dockerignore
        .git
        .env
    """
    for link in project.builds:
        if not any(one.path == "." for one in link.copies):
            continue
        context = whole.context_without_ignore(project, link)
        if context is None:
            continue
        one = next(one for one in link.copies if one.path == ".")
        found = leaks(context, project.tree) if any(other is one for other in reaching_image(link)) else ()
        if any(takes(one, leak.path) and not is_needed(link, leak) for leak in found):
            continue  # context-leak says so
        yield Violation(
            place=link.place(one.step.instruction, one.written),
            message=f"this copies {'the whole build context' if link.context is None else f'all of `{context}`'}:"
            " there is no .dockerignore",
            hint="add one that names what the image doesn't need, such as `.git`, `.env` and installed packages",
        )
