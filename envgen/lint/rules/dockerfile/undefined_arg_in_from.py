from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.variables import closest
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import of_variable


@dockerfile_rule("EG109", "undefined-arg-in-from", Severity.WARNING, same_as=("buildkit/UndefinedArgInFrom",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """FROM uses a variable that no ARG above the first FROM declares.

    FROM sees the ARGs before the first FROM and the platform arguments, nothing else: one that is declared in a stage,
    or misspelt, is empty, and a `--build-arg` for it is ignored.

    Bad:

        ARG NODE_VERSION=22
        FROM node:${NODE_VERSON}

    Good:

        ARG NODE_VERSION=22
        FROM node:${NODE_VERSION}
    """
    variables = file.variables
    declared = {word.partition("=")[0] for one in file.global_args for word in one.args} | set(variables.globals)
    for stage in file.stages:
        seen: dict[str, int] = {}
        for word in (stage.base, stage.platform or ""):
            if "$" not in word:
                continue
            for name in variables.expansion(stage.origin, word).missing:
                if name in declared:
                    continue
                nth = seen.get(name, 0)
                seen[name] = nth + 1
                near = closest(name, iter(sorted(declared)))
                yield Violation(
                    place=of_variable(file, stage.origin, name, nth),
                    message=f"`${name}` is not declared by an `ARG` above the first `FROM`",
                    hint=f"did you mean `${near}`?" if near else f"write `ARG {name}` above the first `FROM`",
                )
