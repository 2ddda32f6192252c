from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import commands, place_of

_QUOTED = frozenset("'\"\\`$")


@dockerfile_rule("EG113", "legacy-key-value-format", Severity.WARNING, same_as=("buildkit/LegacyKeyValueFormat",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """ENV and LABEL should have `=` between name and value.

    The old form `ENV NAME value` takes all that follows for one value, so that `ENV A 1 B=2` sets one variable only. It
    is deprecated.

    Bad:

        FROM debian:12
        ENV EDITOR nano

    Good:

        FROM debian:12
        ENV EDITOR=nano
    """
    for _, command in commands(file, "ENV", "LABEL"):
        one = command.instruction
        if one.args and not one.args[-1]:
            key, value = one.args[0], one.args[1]
            yield Violation(
                place=place_of(file, command, key),
                message=f"`{one.keyword} {key}` separates name and value by a space, a form that is deprecated",
                hint=f"write `{one.keyword} {key}={_value(value) or '...'}`",
                fix=_fix(file, one) if one is command.origin else None,
            )


def _value(value: str) -> str | None:
    """A value for behind the `=`; None where its quotes or variables could come to mean something else."""
    if not value or _QUOTED & set(value):
        return None
    return f'"{value}"' if any(char.isspace() for char in value) else value


def _fix(file: Dockerfile, one: Instruction) -> Fix | None:
    """Rewrites what follows the keyword where it stands in one line."""
    line = file.lines[one.line - 1]
    value = _value(one.args[1])
    if one.end_line != one.line or value is None:
        return None
    start = line.find(one.args[0], len(line) - len(line.lstrip()) + len(one.keyword))
    end = len(line.rstrip())
    if start < 0 or line[start:end].split() != [one.args[0], *one.args[1].split()]:
        return None
    return Fix((Edit(one.line, start + 1, one.line, end + 1, f"{one.args[0]}={value}"),))
