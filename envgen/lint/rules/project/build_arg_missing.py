from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile.images import expand_from, global_args, is_reference
from envgen.lint.dockerfile.steps import reachable
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule


@project_rule(
    "EG306", "build-arg-missing", Severity.WARNING, same_as=("buildkit/InvalidDefaultArgInFrom",), keys=("build",)
)
def check(project: Project) -> Iterator[Violation]:
    """A Dockerfile's FROM needs a build argument that the service doesn't give.

    The ARG has no default, so the image's name is empty or ends in a colon and BuildKit refuses to build. It works for
    those who pass `--build-arg` by hand, and fails with `docker compose build`.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        ARG NODE_VERSION
        FROM node:${NODE_VERSION}

    Good:

        --- compose.yaml
        services:
          api:
            build:
              context: .
              args: {NODE_VERSION: "22"}
        --- Dockerfile
        ARG NODE_VERSION
        FROM node:${NODE_VERSION}
    """
    for link in project.builds:
        file, service, final = link.parsed, link.service, link.final_stage
        if service is None or file is None or final is None or "$" not in "".join(one.base for one in file.stages):
            continue
        args = global_args(file, link.known_args)
        declared = {word.partition("=")[0] for one in file.global_args for word in one.args}
        for stage in reachable(file, final, link.known_args):
            found = expand_from(file, stage.base, args)
            missing = [name for name in found.missing if name in declared]
            if not missing or (found.text and is_reference(found.text)):
                continue
            yield Violation(
                place=service.place("build", at_key=True),
                message=f"`{file.path}` builds on `{stage.base}`, but `{missing[0]}` has no default and the service"
                f" `{service.name}` doesn't give it",
                hint=f"add `{missing[0]}` to the service's `build.args`, or give the ARG a default",
            )
