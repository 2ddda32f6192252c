from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line

_RESERVED = frozenset({"context", "scratch"})


@dockerfile_rule(
    "EG106", "reserved-stage-name", Severity.WARNING, same_as=("buildkit/ReservedStageName", "hadolint/DL3063")
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A stage should not be called `scratch` or `context`.

    Both mean something to Docker: the empty image, and the build context. Whoever reads `FROM scratch` expects the
    empty image and gets the stage.

    Bad:

        FROM debian:12 AS scratch

    Good:

        FROM debian:12 AS base
    """
    for stage in file.stages:
        if stage.name.lower() in _RESERVED:
            yield Violation(
                place=in_first_line(file, stage.origin, stage.name, nth=stage.base.split("/").count(stage.name)),
                message=f"the stage name `{stage.name}` means something else to Docker",
                hint="take another name",
            )
