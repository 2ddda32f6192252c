from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule

_CHANGING = ("chown", "chmod", "mkdir", "touch", "chgrp")


@dockerfile_rule("EG154", "volume-then-change", Severity.INFO)
def check(file: Dockerfile) -> Iterator[Violation]:
    """What is behind a VOLUME is changed by a later RUN.

    The classic builder throws away what a RUN changes in a volume's folder; BuildKit keeps it. So the image differs
    from one builder to the other (Podman's and Kaniko's included): declare the volume when its folder is ready.

    Bad:

        FROM debian:12
        VOLUME /data
        RUN chown 1000:1000 /data

    Good:

        FROM debian:12
        RUN mkdir /data && chown 1000:1000 /data
        VOLUME /data
    """
    if not any(True for _ in file.every("VOLUME")):
        return
    for stage in file.stages:
        volumes: dict[str, Instruction] = {}
        for one in stage.instructions:
            if one.name == "VOLUME":
                volumes |= {
                    path.strip("\"'").rstrip("/"): one for path in one.args if path.strip("\"'").startswith("/")
                }
            elif one.name == "RUN" and volumes:
                yield from _changes(file, one, volumes)


def _changes(file: Dockerfile, run: Instruction, volumes: dict[str, Instruction]) -> Iterator[Violation]:
    for script in file.shell.of(run):
        for command in script.commands:
            if command.program not in _CHANGING:
                continue
            for index, word in enumerate(command.words):
                inside = _volume_of(word, volumes)
                if index and inside is not None:
                    yield Violation(
                        place=script.word(command, index),
                        message=f"`{inside}` is a volume since line {volumes[inside].line}: not every builder keeps"
                        f" what `{command.program}` changes there",
                        hint="move the VOLUME below this RUN",
                    )
                    return


def _volume_of(path: str, volumes: dict[str, Instruction]) -> str | None:
    """The volume that a path is, or lies in."""
    while path.startswith("/") and len(path) > 1:
        if path in volumes:
            return path
        path = path.rpartition("/")[0]
    return None
