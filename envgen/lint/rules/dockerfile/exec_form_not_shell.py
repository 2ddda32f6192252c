import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import inherited

_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*[^}]*\})")
_OPERATORS = frozenset({"&&", "||", "|", ";", ">", ">>", "2>&1", "&", "<"})
_EXPANDING = re.compile(
    r"(?:^|/)(?:sh|bash|ash|dash|zsh|ksh|su|gosu|su-exec|env|envsubst|dockerize|eval|xargs|awk|perl|python3?|node|php"
    r"|powershell|pwsh|cmd|confd|chamber|dumb-init|tini|s6-setuidgid|with-contenv|execlineb)(?:\.exe)?$|entrypoint|\.sh$",
    re.IGNORECASE,
)


@dockerfile_rule("EG153", "exec-form-not-shell", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The JSON form runs no shell, but this one needs one.

    In `["program", "$PORT"]` the program gets the five characters `$PORT`; `&&` and `|` are arguments like others, and
    `["npm start"]` looks for a program with a blank in its name. Use the shell form, or `["sh", "-c", "..."]`.

    Bad:

        FROM node:22
        CMD ["serve", "--port", "$PORT"]

    Good:

        FROM node:22
        CMD ["sh", "-c", "exec serve --port $PORT"]
    """
    # a CMD is handed to the ENTRYPOINT of its stage, which may do anything with it
    handed = inherited(file, lambda stage: any(one.name == "ENTRYPOINT" for one in stage.instructions))
    for one in file.every("CMD", "ENTRYPOINT", "RUN"):
        if one.is_json and one.args and one.args[0]:
            problem = _problem(one, is_handed=one.stage is not None and handed[one.stage])
            if problem is not None:
                yield Violation(
                    place=file.place(one, problem[0]),
                    message=problem[1],
                    hint='use the shell form, or `["sh", "-c", "..."]`',
                )


def _problem(one: Instruction, *, is_handed: bool) -> tuple[str, str] | None:
    args = one.args
    if any(_EXPANDING.search(word) for word in args) or (one.name == "CMD" and is_handed):
        return None
    if len(args) == 1 and " " in args[0].strip() and not args[0].startswith(("/c ", "C:")):
        return args[0], f'`["{args[0]}"]` looks for a program of this whole name, with its blanks'
    for word in args:
        if word in _OPERATORS:
            return word, f"`{word}` is handed to `{args[0]}` as an argument: the JSON form runs no shell"
        match = _VARIABLE.search(word)
        if match is not None:
            return match[0], f"`{match[0]}` stays as it is: the JSON form runs no shell that would replace it"
    return None
