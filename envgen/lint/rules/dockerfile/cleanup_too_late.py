from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_CLEANING = {
    "apt-get": frozenset({"clean", "autoclean", "autoremove"}),
    "apt": frozenset({"clean", "autoclean", "autoremove"}),
    "yum": frozenset({"clean"}),
    "dnf": frozenset({"clean"}),
    "microdnf": frozenset({"clean"}),
    "npm": frozenset({"cache"}),
    "yarn": frozenset({"cache"}),
}
_CACHES = ("/var/lib/apt/lists", "/var/cache/", "/tmp/", "/root/.cache", "/var/tmp/")  # noqa: S108 - names, not files


@dockerfile_rule("EG180", "cleanup-too-late", Severity.INFO)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A RUN of its own cleans up what an earlier layer keeps.

    Layers only add up: what is deleted later is hidden, but still stored and pulled. The image gets smaller only if the
    RUN that made the files deletes them.

    Bad:

        FROM debian:12
        RUN apt-get update && apt-get install -y curl
        RUN apt-get clean && rm -rf /var/lib/apt/lists/*

    Good:

        FROM debian:12
        RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    """
    for one in file.every("RUN"):
        scripts = file.shell.of(one)
        if len(scripts) != 1 or one.flags:
            continue
        commands = [command for command in scripts[0].commands if command.program not in {"set", "echo", "true", ":"}]
        if commands and all(_cleans(command) for command in commands):
            yield Violation(
                place=scripts[0].word(commands[0]),
                message="this makes the image no smaller: the layers above keep what is deleted here",
                hint="delete the files in the RUN that makes them",
            )


def _cleans(command: Command) -> bool:
    if command.program == "rm":
        paths = [word for word in command.args if word[:1] != "-"]
        return bool(paths) and all(path.startswith(_CACHES) for path in paths)
    return bool(_CLEANING.get(command.program, frozenset()).intersection(command.args))
