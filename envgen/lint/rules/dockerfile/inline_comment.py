from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG163", "inline-comment", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A `#` behind an instruction is no comment.

    Docker knows comments on lines of their own only. Behind COPY the words of the comment are files, behind ARG they
    are arguments, behind VOLUME folders, and behind USER, WORKDIR and ENV they belong to the value.

    Bad:

        FROM debian:12
        WORKDIR /app # the application

    Good:

        FROM debian:12
        # the application
        WORKDIR /app
    """
    for one in file.every("ADD", "ARG", "COPY", "ENV", "USER", "VOLUME", "WORKDIR"):
        if " #" in one.text or "\t#" in one.text:
            comment = _comment(one)
            if comment is not None:
                yield Violation(
                    place=file.place(one, comment),
                    message=f"the comment behind `{one.name}` belongs to its arguments",
                    hint="give the comment a line of its own",
                )


def _comment(one: Instruction) -> str | None:
    if one.is_json:
        return None
    if one.name in {"USER", "WORKDIR"}:
        _, found, rest = one.args[0].partition(" #") if one.args else ("", "", "")
        return f"#{rest}" if found else None
    if one.name == "ENV":
        pairs = one.pairs
        _, found, rest = pairs[0][1].partition(" #") if len(pairs) == 1 and not pairs[0][2] else ("", "", "")
        return f"#{rest}" if found and rest.startswith(" ") and '"' not in rest else None
    return next((word for index, word in enumerate(one.args) if word.startswith("#") and index), None)
