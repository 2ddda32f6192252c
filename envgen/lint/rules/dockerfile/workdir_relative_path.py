import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import place_of

_ON_WINDOWS = re.compile(r"[A-Za-z]:")


@dockerfile_rule(
    "EG110",
    "workdir-relative-path",
    Severity.WARNING,
    same_as=("buildkit/WorkdirRelativePath", "hadolint/DL3000", "kics/WORKDIR Path Not Absolute", "trivy/DS-0009"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The first WORKDIR should be an absolute path.

    A relative one begins where the base image left off, and an update of that image may move it. Behind an absolute
    one, here or in the stage below, relative ones are fine.

    Bad:

        FROM debian:12
        WORKDIR app

    Good:

        FROM debian:12
        WORKDIR /app
        WORKDIR src
    """
    if "WORKDIR" not in file.names:
        return
    with_workdir: set[int] = set()
    for stage in file.stages:
        if file.variables.parents[stage.index] in with_workdir:
            with_workdir.add(stage.index)
            continue
        first = next(
            (
                one
                for one in file.variables.commands(stage)
                if one.instruction.name == "WORKDIR" and one.instruction.args
            ),
            None,
        )
        if first is None:
            continue
        with_workdir.add(stage.index)
        written = first.instruction.args[0]
        path = file.variables.expansion_in(stage, first, written).text
        if path is not None and not path.startswith("/") and not _ON_WINDOWS.match(path):
            yield Violation(
                place=place_of(file, first, written),
                message=f"the path `{written}` is relative to wherever the base image left off",
                hint="begin with an absolute path",
            )
