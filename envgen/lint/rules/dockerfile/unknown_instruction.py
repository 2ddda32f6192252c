from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.arguments import KNOWN
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._templates import TEMPLATE_MARKS


@dockerfile_rule("EG132", "unknown-instruction", Severity.ERROR, same_as=("tally/unknown-instruction",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """There is no such instruction.

    BuildKit refuses the whole file at the first word that it doesn't know; most often it is mistyped, or the line
    above should have ended in a backslash. A template, which begins with `{{` or `{%`, is no Dockerfile yet.

    Bad:

        FROM node:22
        COPPY . /app

    Good:

        FROM node:22
        COPY . /app
    """
    one = next((one for one in file.instructions if one.name not in KNOWN), None)
    if one is None or "syntax" in file.directives:  # another frontend may know more
        return
    if one.keyword.startswith(TEMPLATE_MARKS):
        return
    yield Violation(
        place=file.place(one),
        message=f"there is no instruction `{one.keyword}`",
        hint=suggest.hint(one.name, KNOWN),
    )
