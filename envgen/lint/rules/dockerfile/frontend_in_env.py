from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG172", "frontend-in-env", Severity.INFO)
def check(file: Dockerfile) -> Iterator[Violation]:
    """DEBIAN_FRONTEND stays set in the running container.

    ENV is for the container, not for the build: whoever works in it later, or builds on the image, finds apt silent. An
    ARG has the same effect on the RUNs and ends with the build.

    Bad:

        FROM debian:12
        ENV DEBIAN_FRONTEND=noninteractive

    Good:

        FROM debian:12
        ARG DEBIAN_FRONTEND=noninteractive
    """
    for one in file.every("ENV"):
        for key, value, _ in one.pairs:
            if key == "DEBIAN_FRONTEND" and value.strip("\"'").lower() == "noninteractive":
                yield Violation(
                    place=file.place(one, key),
                    message="`DEBIAN_FRONTEND` stays set in the container and in images built on this one",
                    hint="use `ARG DEBIAN_FRONTEND=noninteractive`",
                )
