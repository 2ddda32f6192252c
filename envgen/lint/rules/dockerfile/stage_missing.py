from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.place import Place
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG131", "stage-missing", Severity.ERROR, same_as=("tally/require-stages",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A Dockerfile needs a FROM.

    Without a FROM there is no stage to build, and Docker refuses the file: "no build stage in current context", or
    "dockerfile contains no stages to build".

    Bad:

        RUN make

    Good:

        FROM debian:12
        RUN make
    """
    if not file.stages:
        yield Violation(
            place=file.place(file.instructions[0]) if file.instructions else Place(1),
            message="there is no `FROM`, so there is no image to build",
            hint="begin with `FROM image`, or `FROM scratch`",
        )
