from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule

_WITH_NAME = 3  # words of `FROM base AS name`


@dockerfile_rule(
    "EG117",
    "invalid-definition-description",
    Severity.STYLE,
    same_as=("buildkit/InvalidDefinitionDescription",),
    default=False,
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A comment above an ARG or a named stage should begin with its name.

    `docker build --call=outline` and `--call=targets` show such comments as descriptions, and only where they begin
    with the name. An empty comment in between says that it is none. BuildKit counts this check as experimental.

    Bad:

        # the version of Node
        ARG NODE_VERSION=22
        FROM node:${NODE_VERSION}

    Good:

        # NODE_VERSION is the version of Node
        ARG NODE_VERSION=22
        FROM node:${NODE_VERSION}
    """
    for one in file.instructions:
        if not one.comments or one.name not in {"ARG", "FROM"}:
            continue
        names = _names(one)
        if names and one.comments[-1].partition(" ")[0] not in names:
            wanted = names[0] if len(names) == 1 else "<name>"
            yield Violation(
                place=file.place(one),
                message=f"the comment above this `{one.keyword}` doesn't describe `{'`, `'.join(names)}`",
                hint=f"begin it with `# {wanted}`, or put an empty comment in between",
            )


def _names(one: Instruction) -> list[str]:
    if one.name == "ARG":
        return [word.partition("=")[0] for word in one.args]
    return [one.args[2].lower()] if len(one.args) == _WITH_NAME else []
