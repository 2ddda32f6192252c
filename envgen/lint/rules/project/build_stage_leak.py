from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._leaks import Leak, is_needed, leaks, reaching_image, takes
from envgen.lint.rules.project._whole_copies import patterns

_SHOWN = 3


@project_rule("EG328", "build-stage-leak", Severity.INFO, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """Secrets, git's history or the host's packages get into a stage that the image takes files from.

    The image itself doesn't hold them, but the build's cache does, and whoever gets that; `node_modules` and `.venv`
    of the host replace what the stage has installed, and every commit makes it start over.

    Bad:

        --- Dockerfile
        FROM node:24 AS build
        WORKDIR /app
        COPY . .
        RUN npm run build
        FROM nginx:1.30
        COPY --from=build /app/dist /usr/share/nginx/html
        --- .dockerignore
        .git
        --- .env
        API_TOKEN=hunter2

    Good:

        --- Dockerfile
        FROM node:24 AS build
        WORKDIR /app
        COPY . .
        RUN npm run build
        FROM nginx:1.30
        COPY --from=build /app/dist /usr/share/nginx/html
        --- .dockerignore
        .git
        .env
        --- .env
        API_TOKEN=hunter2
    """
    for link in project.builds:
        ignore, context = link.ignore, link.context
        if context is None or not link.has_context or len({step.stage.index for step in link.steps}) < 2:  # noqa: PLR2004 - a stage before
            continue
        final = {id(one) for one in reaching_image(link)}
        copies = [one for one in link.copies if id(one) not in final and one.path is not None]
        if not copies or (ignore and ignore.matcher(len(ignore.patterns)) is None):
            continue
        found = [
            leak
            for leak in leaks(context, project.tree)
            if not (ignore and ignore.excludes(leak.path)) and not is_needed(link, leak)
        ]
        for one in copies:
            taken = [leak for leak in found if takes(one, leak.path) and (ignore or leak.path == one.path)]
            if taken:
                yield _violation(link, one, taken)


def _violation(link: BuildLink, one: Copied, taken: list[Leak]) -> Violation:
    names = ", ".join(f"`{leak.path}`" for leak in taken[:_SHOWN])
    more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
    stage = f"the stage `{one.step.stage.name}`" if one.step.stage.name else f"the stage number {one.step.stage.index}"
    if link.ignore is None or any(leak.path == one.path for leak in taken):
        why, hint = ", whose layers the build's cache keeps", "mount it while building: `RUN --mount=type=secret`"
    else:
        why = f": {link.ignore.path} lets it through"
        hint = "add " + ", ".join(f"`{name}`" for name in patterns(taken)) + f" to {link.ignore.path}"
    return Violation(
        place=link.place(one.step.instruction, one.written),
        message=f"this copies {names}{more} into {stage}{why}",
        hint=hint,
    )
