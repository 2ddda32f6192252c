from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.dockerfile.shell import Script
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_MANAGERS = {
    "apt-get": (frozenset({"update"}), frozenset({"install", "build-dep"})),
    "apt": (frozenset({"update"}), frozenset({"install"})),
    "apk": (frozenset({"update"}), frozenset({"add"})),
    "zypper": (frozenset({"refresh", "ref"}), frozenset({"install", "in"})),
}
_UPDATES = frozenset({"update", "refresh", "ref"})
_SAME = {"apt": "apt-get"}
_QUIET = frozenset({"set", "echo", "rm", "true", ":", "mkdir", "cat", "sed", "printf"})


@dockerfile_rule(
    "EG148",
    "index-update-alone",
    Severity.WARNING,
    same_as=(
        "kics/Update Instruction Alone",
        "checkov/CKV_DOCKER_5",
        "trivy/DS-0017",
        "droast/DF028",
        "df-doctor/DD002",
    ),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The package index is fetched in a layer of its own.

    Docker keeps the layer of `apt-get update` for weeks and runs only the install again: it then looks for versions
    that the mirror has long dropped, and fails with "404 Not Found", or installs old ones. One RUN does both.

    Bad:

        FROM debian:12
        RUN apt-get update
        RUN apt-get install -y curl

    Good:

        FROM debian:12
        RUN apt-get update && apt-get install -y curl
    """
    if not any(_is_alone(script) for script, _ in file.shell.calls(*_MANAGERS)):
        return
    for stage in file.stages:
        yield from _in_stage(file, stage)


def _is_alone(script: Script) -> bool:
    """Whether a RUN could be one that only updates an index; a cheap look before the long one."""
    return all(command.program in _QUIET or not _UPDATES.isdisjoint(command.args) for command in script.commands)


def _in_stage(file: Dockerfile, stage: Stage) -> Iterator[Violation]:  # noqa: C901 - one walk over the stage
    waiting: dict[str, tuple[Script, Command]] = {}
    for one in stage.instructions:
        if one.name != "RUN":
            continue
        updated: dict[str, tuple[Script, Command]] = {}
        others = False
        for script in file.shell.of(one):
            for command in script.commands:
                name = _SAME.get(command.program, command.program)
                updates, installs = _MANAGERS.get(command.program, (frozenset(), frozenset()))
                if updates.intersection(command.args):
                    updated[name] = (script, command)
                elif installs.intersection(command.args):
                    found = (
                        waiting.pop(name, None) if name not in updated and "--no-cache" not in command.args else None
                    )
                    if found is not None:
                        yield _violation(*found)
                    others = True
                elif command.program not in _QUIET and command.program:
                    others = True
        if not others and not one.flag_values("mount"):
            waiting |= updated
        else:
            for name in updated:
                waiting.pop(name, None)


def _violation(script: Script, command: Command) -> Violation:
    action = next(word for word in command.args if word in _MANAGERS[command.program][0])
    return Violation(
        place=script.word(command),
        message=f"`{command.program} {action}` has a RUN of its own: a later install works with an index of that day",
        hint="join it with the install: `update && install` in one RUN",
    )
