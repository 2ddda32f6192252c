from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _whole_copies as whole
from envgen.lint.rules.project._leaks import is_needed, leaks, reaching_image, takes

_SHOWN = 3


@project_rule(
    "EG309", "context-leak", Severity.WARNING, same_as=("droast/DF033", "dockerfile-sec/core-003"), keys=("build",)
)
def check(project: Project) -> Iterator[Violation]:
    """Secrets, git's history or installed packages get into the image for lack of a .dockerignore.

    Whoever can pull the image can read them, in a lower layer even after a later RUN has removed them. The host's
    `node_modules` or `.venv` replaces what was installed for the image, and every commit makes the build start over.

    Bad:

        --- Dockerfile
        FROM python:3.13
        COPY . /app
        --- .env
        DB_PASSWORD=hunter2

    Good:

        --- Dockerfile
        FROM python:3.13
        COPY . /app
        --- .dockerignore
        .env
        .git
        --- .env
        DB_PASSWORD=hunter2
    """
    for link in project.builds:
        context = whole.context_without_ignore(project, link)
        if context is None:
            continue
        copies = [one for one in reaching_image(link) if one.path is not None]
        if not any(whole.is_folder(project, context, one) for one in copies):
            continue
        found = [leak for leak in leaks(context, project.tree) if not is_needed(link, leak)]
        for one in copies:
            taken = [leak for leak in found if takes(one, leak.path) and leak.path != one.path]
            if taken:
                names = ", ".join(f"`{leak.path}`" for leak in taken[:_SHOWN])
                more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
                yield Violation(
                    place=link.place(one.step.instruction, one.written),
                    message=f"this copies {names}{more} into the image: there is no .dockerignore",
                    hint=f"add `{project.tree.join(context, '.dockerignore')}` that names "
                    + ", ".join(f"`{name}`" for name in whole.patterns(taken)),
                )
                break
