from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG152", "entrypoint-ignores-cmd", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """An ENTRYPOINT in shell form takes no notice of CMD.

    It becomes `/bin/sh -c "..."`, and what CMD or the command line of `docker run` adds goes to that shell as $0 and
    $1, not to the program. The CMD beside it does nothing. A program started like this gets no SIGTERM either.

    Bad:

        FROM debian:12
        ENTRYPOINT exec server
        CMD ["--port", "80"]

    Good:

        FROM debian:12
        ENTRYPOINT ["server"]
        CMD ["--port", "80"]
    """
    if not file.stages or not any(True for _ in file.every("ENTRYPOINT")):
        return
    lineage = file.lineage(file.stages[-1])
    entrypoint: Instruction | None = None
    cmd: Instruction | None = None
    for stage in reversed(lineage):
        for one in stage.instructions:
            if one.name == "ENTRYPOINT":
                entrypoint = one
                cmd = cmd if cmd is not None and cmd.stage == one.stage else None
            elif one.name == "CMD":
                cmd = one
    if entrypoint is None or cmd is None or entrypoint.is_json or not entrypoint.args or not cmd.args:
        return
    text = entrypoint.args[0]
    if any(mark in text for mark in ("$@", "$*", "$0", "$1", "${@", "${*")) or text.startswith("["):
        return
    yield Violation(
        place=file.place(cmd),
        message=f"this `CMD` does nothing: the `ENTRYPOINT` in line {entrypoint.line} is in shell form",
        hint='write the ENTRYPOINT in JSON form: `ENTRYPOINT ["program"]`',
    )
