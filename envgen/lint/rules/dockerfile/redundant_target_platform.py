import re
from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line

_NAME = "TARGETPLATFORM"
_FLAG = re.compile(r"--platform=[^\s\\`]+\s+")


@dockerfile_rule(
    "EG114",
    "redundant-target-platform",
    Severity.WARNING,
    same_as=("buildkit/RedundantTargetPlatform", "hadolint/DL3065"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """`FROM --platform=$TARGETPLATFORM` says what Docker does anyway.

    A stage is for the target platform unless FROM says another. The flag only makes readers look for a reason.

    Bad:

        FROM --platform=$TARGETPLATFORM debian:12

    Good:

        FROM debian:12
    """
    for stage in file.stages:
        if stage.platform and "$" in stage.platform:
            found = file.variables.expansion(stage.origin, stage.platform)
            is_target = found.used == (_NAME,) and not found.missing
            if is_target and found.text is not None and found.text == file.variables.globals.get(_NAME):
                yield Violation(
                    place=in_first_line(file, stage.origin, f"--platform={stage.platform}"),
                    message=f"`--platform={stage.platform}` is what Docker does without it",
                    hint="leave the flag out",
                    fix=_without_flag(file, stage),
                )


def _without_flag(file: Dockerfile, stage: Stage) -> Fix | None:
    line = stage.origin.line
    found = list(_FLAG.finditer(file.lines[line - 1]))
    if len(found) != 1:
        return None
    return Fix((Edit(line, found[0].start() + 1, line, found[0].end() + 1, ""),))
