from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import needed


@dockerfile_rule("EG159", "unused-stage", Severity.WARNING, same_as=("tally/no-unreachable-stages",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A stage without a name isn't used by the image.

    The last stage neither is built on it nor copies from it, and without a name nobody builds it by `--target`:
    BuildKit passes it over. Often a `COPY --from` was forgotten, or an old FROM was left behind.

    Bad:

        FROM golang:1.24
        RUN go build -o /server
        FROM debian:12
        COPY server /server

    Good:

        FROM golang:1.24 AS build
        RUN go build -o /server
        FROM debian:12
        COPY --from=build /server /server
    """
    if len(file.stages) < 2 or all(stage.name for stage in file.stages[:-1]):  # noqa: PLR2004 - one stage is the image
        return
    wanted: set[int] = set()
    for stage in file.stages:
        if stage.name or stage is file.stages[-1]:
            wanted |= needed(file, stage)
    for stage in file.stages:
        if stage.index not in wanted:
            yield Violation(
                place=file.place(stage.origin),
                message=f"nothing uses the stage number {stage.index}, and it has no name to build it by",
                hint="remove it, or copy from it what the image needs",
            )
