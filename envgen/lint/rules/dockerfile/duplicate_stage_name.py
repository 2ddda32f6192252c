from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line


@dockerfile_rule(
    "EG105",
    "duplicate-stage-name",
    Severity.WARNING,
    same_as=(
        "buildkit/DuplicateStageName",
        "hadolint/DL3024",
        "kics/Same Alias In Different Froms",
        "trivy/DS-0012",
        "dockerfile-utils/DUPLICATE_BUILD_STAGE_NAME",
    ),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """Two stages should not have the same name.

    Docker takes the last one above for `FROM name`, and the last one of all for `COPY --from=name` and as a target, so
    the others can't be reached any more. Case doesn't count.

    Bad:

        FROM debian:12 AS build
        FROM alpine:3.22 AS build

    Good:

        FROM debian:12 AS build
        FROM alpine:3.22 AS run
    """
    first: dict[str, Stage] = {}
    for stage in file.stages:
        name = stage.name.lower()
        if name and name in first:
            yield Violation(
                place=in_first_line(file, stage.origin, stage.name, nth=stage.base.split("/").count(stage.name)),
                message=f"the stage name `{stage.name}` is taken, by line {first[name].origin.line}",
                hint="give each stage a name of its own",
            )
        first.setdefault(name, stage)
