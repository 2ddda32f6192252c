from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule(
    "EG108",
    "maintainer-deprecated",
    Severity.WARNING,
    same_as=(
        "buildkit/MaintainerDeprecated",
        "hadolint/DL4000",
        "kics/Maintainer Instruction Being Used",
        "trivy/DS-0022",
    ),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """MAINTAINER is deprecated.

    It sets a field that only few tools show, and can hold one name only. The label
    `org.opencontainers.image.authors` is what registries and scanners read.

    Bad:

        FROM debian:12
        MAINTAINER ada@example.org

    Good:

        FROM debian:12
        LABEL org.opencontainers.image.authors="ada@example.org"
    """
    for one in file.every("MAINTAINER"):
        yield Violation(
            place=file.place(one),
            message="`MAINTAINER` is deprecated",
            hint="write `LABEL org.opencontainers.image.authors=...` instead",
        )
