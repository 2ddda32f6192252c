import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction, Stage
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import mount_sources

_VARIABLE = re.compile(r"\$(?:\w|\{)")


@dockerfile_rule("EG137", "stage-not-yet-built", Severity.ERROR, same_as=("tally/circular-stage-deps",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """Files are taken from a stage that is defined later, or that can't be found.

    Stages see earlier stages only: Docker refuses the file ("cannot copy from stage, it needs to be defined before
    current stage", "circular dependency detected in stage", "invalid stage index"), and in `--from` it replaces no
    variables.

    Bad:

        FROM debian:12 AS app
        COPY --from=build /app /app
        FROM golang:1.24 AS build
        RUN go build -o /app

    Good:

        FROM golang:1.24 AS build
        RUN go build -o /app
        FROM debian:12 AS app
        COPY --from=build /app /app
    """
    for stage in file.stages:
        for one in stage.instructions:
            if one.name == "COPY" and one.flags:
                source = one.flag("from")
                if source and (problem := _problem(file, stage, source)):
                    yield Violation(place=file.place(one, source), message=problem[0], hint=problem[1])
            elif one.name == "RUN" and one.flags:
                yield from _mounts(file, stage, one)


def _mounts(file: Dockerfile, stage: Stage, one: Instruction) -> Iterator[Violation]:
    for source in mount_sources(one):
        later = _later(file, stage, source)
        if later is not None:
            yield Violation(place=file.place(one, source), message=later[0], hint=later[1])


def _problem(file: Dockerfile, stage: Stage, source: str) -> tuple[str, str] | None:
    if _VARIABLE.search(source):
        return (
            f"`--from={source}`: no variable is replaced here",
            "add a stage `FROM` the variable, with an ARG above the first FROM, and copy from that stage",
        )
    if source.isascii() and source.isdecimal():
        number = int(source) if len(source) < 6 else len(file.stages)  # noqa: PLR2004 - more digits than stages
        if number >= len(file.stages):
            return f"there is no stage number {source}", f"the stages are 0 to {len(file.stages) - 1}; use their names"
        if number >= stage.index:
            return f"the stage number {source} is not built before this one", "move it up, above this stage"
        return None
    return _later(file, stage, source)


def _later(file: Dockerfile, stage: Stage, source: str) -> tuple[str, str] | None:
    found = file.named_stage(source)
    if found is None or found.index < stage.index:
        return None
    if found.index == stage.index:
        return f"the stage `{source}` takes files from itself", "copy within a stage with `RUN cp`"
    return f"the stage `{source}` is defined below this one", "move it up, above this stage"
