from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _whole_copies as whole
from envgen.lint.rules.project._leaks import is_needed, leaks, reaching_image, takes
from envgen.lint.rules.project._root_only import root_only

_SHOWN = 3


@project_rule("EG311", "dockerignore-leak", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """The .dockerignore lets secrets, git's history or installed packages through.

    Whoever can pull the image can read them, in a lower layer even after a later RUN has removed them; the host's
    `node_modules` or `.venv` replaces what was installed for the image. Examples such as `.env.example` are fine.

    Bad:

        --- Dockerfile
        FROM python:3.13
        COPY . /app
        --- .dockerignore
        .git
        --- .env
        DB_PASSWORD=hunter2

    Good:

        --- Dockerfile
        FROM python:3.13
        COPY . /app
        --- .dockerignore
        .git
        .env
        --- .env
        DB_PASSWORD=hunter2
    """
    for link in project.builds:
        ignore, context = link.ignore, link.context
        if ignore is None or context is None or not link.has_context or ignore.matcher(len(ignore.patterns)) is None:
            continue
        copies = [one for one in reaching_image(link) if whole.is_folder(project, context, one)]
        if not copies:
            continue
        anchored = {pattern for _, pattern in root_only(ignore)}
        found = [
            leak
            for leak in leaks(context, project.tree)
            if not ignore.excludes(leak.path)
            and not is_needed(link, leak)
            and not ("/" in leak.path and leak.path.rpartition("/")[2] in anchored)
        ]
        for one in copies:
            taken = [leak for leak in found if takes(one, leak.path)]
            if taken:
                names = ", ".join(f"`{leak.path}`" for leak in taken[:_SHOWN])
                more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
                yield Violation(
                    place=link.place(one.step.instruction, one.written),
                    message=f"this copies {names}{more} into the image: {ignore.path} lets it through",
                    hint="add " + ", ".join(f"`{name}`" for name in whole.patterns(taken)) + f" to {ignore.path}",
                )
                break
