from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.images import is_reference
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import in_first_line
from envgen.lint.rules.dockerfile._templates import is_templated


@dockerfile_rule(
    "EG118", "invalid-default-arg-in-from", Severity.WARNING, same_as=("buildkit/InvalidDefaultArgInFrom",)
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """Without build arguments, FROM names no valid image.

    An ARG without a default is empty where nobody passes it, and `FROM node:$VERSION` becomes `FROM node:`. The build
    fails for everyone who doesn't know which argument to give, and so do tools that read the Dockerfile.

    Bad:

        ARG VERSION
        FROM node:$VERSION

    Good:

        ARG VERSION=22
        FROM node:$VERSION
    """
    for stage in file.stages:
        found = file.variables.expansion(stage.origin, stage.base)
        if found.error:
            return
        if found.text is not None and not is_reference(found.text) and not is_templated([stage.base]):
            is_literal = found.text == stage.base
            default = f"`{found.text}`" if found.text else "nothing"
            yield Violation(
                place=in_first_line(file, stage.origin, stage.base),
                message=f"`{stage.base}` is no valid name of an image"
                if is_literal
                else f"`{stage.base}` is {default} by default, which is no valid name of an image",
                hint="names of images and stages are in lower case" if is_literal else "give the `ARG` a default",
            )
