from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import place_of


@dockerfile_rule(
    "EG107",
    "json-args-recommended",
    Severity.WARNING,
    same_as=("buildkit/JSONArgsRecommended", "hadolint/DL3025", "kics/Not Using JSON In CMD And ENTRYPOINT Arguments"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """CMD and ENTRYPOINT should be in JSON form.

    In shell form the process is a child of `/bin/sh -c`, which passes no signals on: `docker stop` waits ten seconds
    and kills it. A stage that says SHELL itself is taken to mean it.

    Bad:

        FROM debian:12
        CMD sleep infinity

    Good:

        FROM debian:12
        CMD ["sleep", "infinity"]
    """
    if file.names.isdisjoint(("CMD", "ENTRYPOINT")):
        return
    variables = file.variables
    with_shell: set[int] = set()
    for stage in file.stages:
        has_shell = variables.parents[stage.index] in with_shell
        for command in variables.commands(stage):
            one = command.instruction
            if one.name == "SHELL":
                has_shell = True
            elif one.name in {"CMD", "ENTRYPOINT"} and not one.is_json and not has_shell:
                yield Violation(
                    place=place_of(file, command),
                    message=f"`{one.keyword}` is in shell form: a shell stands between it and `docker stop`'s signals",
                    hint=f'write `{one.keyword} ["program", "argument"]`, with `exec` in a shell where you need one',
                )
        if has_shell:
            with_shell.add(stage.index)
