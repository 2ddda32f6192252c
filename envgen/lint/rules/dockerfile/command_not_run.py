import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_COMMAND = re.compile(r"\$\([^()\s$'\"]+[^()]*\)|`[a-z][^`]*`")
_DEFAULT = re.compile(r"[A-Za-z_]\w*=")
_NAMES = ("ENV", "ARG", "LABEL", "WORKDIR", "USER", "EXPOSE", "COPY", "ADD", "FROM")


@dockerfile_rule("EG162", "command-not-run", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A `$(command)` outside of RUN is not run.

    Docker replaces variables in ENV, ARG, WORKDIR and the like, but starts no command: the value is the text with its
    dollar and brackets.

    Bad:

        FROM debian:12
        ENV BUILD_DATE=$(date)

    Good:

        FROM debian:12
        ARG BUILD_DATE
        ENV BUILD_DATE=$BUILD_DATE
    """
    if "$(" not in file.text and "`" not in file.text:
        return
    for one in file.every(*_NAMES):
        if file.escape == "`" or ("$(" not in one.text and "`" not in one.text):
            continue
        is_pairs = one.name in {"ENV", "LABEL"}
        words = [value for _, value, _ in one.pairs] if is_pairs else [" ".join(one.args).partition(" #")[0]]
        for word in words:
            match = _COMMAND.search(word)
            if match is None or "'" in word[: match.start()] or "\\" in word[: match.start()][-1:]:
                continue
            if one.name == "LABEL" and match[0].startswith("`"):
                continue
            if one.name == "ARG" and not _DEFAULT.match(word):
                continue
            yield Violation(
                place=file.place(one, match[0]),
                message=f"`{one.name}` doesn't run `{match[0].strip('`')}`: the value is this very text",
                hint="run it in a RUN, or hand its result over with `--build-arg`",
            )
            break
