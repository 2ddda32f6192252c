from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line, replaced


@dockerfile_rule("EG101", "stage-name-casing", Severity.WARNING, same_as=("buildkit/StageNameCasing",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A stage's name should be in lower case.

    Docker compares stage names without regard to case, so `Build` and `build` are one stage that reads like two; all
    lower case can't be misread.

    Bad:

        FROM node:22 AS Build

    Good:

        FROM node:22 AS build
    """
    for stage in file.stages:
        lower = stage.name.lower()
        if stage.name != lower:
            place = in_first_line(file, stage.origin, stage.name, nth=stage.base.split("/").count(stage.name))
            yield Violation(
                place=place,
                message=f"the stage name `{stage.name}` is not in lower case",
                hint=f"call it `{lower}`",
                fix=replaced(file, place, stage.name, lower),
            )
