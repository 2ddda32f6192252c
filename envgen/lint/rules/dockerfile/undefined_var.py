from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.variables import Undefined
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import of_variable

_LONG = 6  # letters of a name that hardly differs in two from another one by chance


@dockerfile_rule(
    "EG111", "undefined-var", Severity.WARNING, same_as=("buildkit/UndefinedVar", "dockerfile-utils/UNDEFINED_VAR")
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """An instruction uses a variable that isn't set.

    It is replaced by nothing, without a word: a misspelt one, one that is set only further down, or an ARG from above
    the first FROM that the stage doesn't declare again. What a shell does with `$NAME` in RUN and CMD isn't meant here.

    Bad:

        ARG APP_DIR=/srv/app
        FROM alpine:3.22
        COPY . $APP_DIR/

    Good:

        ARG APP_DIR=/srv/app
        FROM alpine:3.22
        ARG APP_DIR
        COPY . $APP_DIR/
    """
    if "$" not in file.text:
        return
    above = {word.partition("=")[0] for one in file.global_args for word in one.args}
    declared = {word.partition("=")[0] for one in file.every("ARG") for word in one.args}
    for use in file.variables.undefined:
        if not use.is_certain and use.name not in declared and not _is_typo(use):
            continue
        if use.name in above:
            hint = f"write `ARG {use.name}` in this stage, too: one above the first `FROM` is for `FROM` only"
        else:
            hint = f"did you mean `${use.near}`?" if use.near else f"set it by `ARG {use.name}` or `ENV` above"
        yield Violation(
            place=of_variable(file, use.origin, use.name, use.nth),
            message=f"the variable `${use.name}` isn't set here, so it is replaced by nothing",
            hint=hint,
        )


def _is_typo(use: Undefined) -> bool:
    """Whether a variable that the base image may set is rather a misspelt one: a letter too many or few, or swapped."""
    near = use.near
    if near is None or min(len(use.name), len(near)) < _LONG:
        return False
    return len(near) != len(use.name) or sorted(near) == sorted(use.name)
