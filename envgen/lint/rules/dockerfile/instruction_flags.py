from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._accepted import FLAGS, is_for_docker

_UNREAD = frozenset({"ARG", "STOPSIGNAL"})  # BuildKit drops their flags without a word
_CHOICES = {"network": ("default", "none", "host"), "security": ("insecure", "sandbox")}


@dockerfile_rule("EG134", "instruction-flags", Severity.ERROR, same_as=("dockerfile-utils/UNKNOWN_FLAG",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A flag that the instruction doesn't know, without its value, or given twice.

    Docker refuses the whole file: "unknown flag", "missing a value on flag", "duplicate flag specified". Words that
    begin with `--` right behind the instruction are always taken for its flags, even behind CMD.

    Bad:

        FROM debian:12
        COPY --chwon=app:app . /app/

    Good:

        FROM debian:12
        COPY --chown=app:app . /app/
    """
    for one in file.instructions:
        if one.flags and one.name not in _UNREAD and is_for_docker(file):
            yield from _problems(file, one)


def _problems(file: Dockerfile, one: Instruction) -> Iterator[Violation]:
    if one.name == "HEALTHCHECK" and one.args and one.args[0].upper() == "NONE":
        return
    known = FLAGS.get(one.name, {})
    seen: set[str] = set()
    for flag in one.flags:
        key, equals, value = flag.partition("=")
        name = key.removeprefix("--")
        kind = known.get(name)
        problem, hint = "", None
        if kind is None:
            problem = f"`{one.name}` has no flag `{key}`"
            hint = suggest.hint(name, known) or (
                f"it knows {', '.join(f'--{key}' for key in known)}" if known else None
            )
        elif name in seen and kind != "texts":
            problem, hint = f"the flag `{key}` is given twice", "keep one of them"
        elif kind != "bool" and not equals:
            problem, hint = f"the flag `{key}` has no value", f"write `{key}=value`, without a blank"
        elif kind == "bool" and (value.lower() not in {"true", "false"} if equals else False):
            problem, hint = f"the flag `{key}` is true or false, not `{value}`", f"write `{key}` or `{key}=false`"
        elif name in _CHOICES and value not in _CHOICES[name]:
            problem, hint = f"`{value}` is no value of `{key}`", f"it is one of {', '.join(_CHOICES[name])}"
        seen.add(name)
        if problem:
            yield Violation(place=file.place(one, key), message=problem, hint=hint)
