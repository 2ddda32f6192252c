import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.place import Place
from envgen.lint.rule import Violation, dockerfile_rule

_URL = re.compile(r"\b(?:git\+)?(?:https?|ftps?|ssh)://([^\s:/@'\"$<{%?#]+):([^\s/@'\"<{%$?#*]+)@[\w.$\[{-]")
_PLACEHOLDERS = frozenset({"password", "pass", "pwd", "token", "secret", "xxx", "xxxx", "changeme", "..."})
_LOCAL = re.compile(r"@(?:localhost|127\.0\.0\.1)\b")


@dockerfile_rule("EG147", "url-credentials", Severity.WARNING, same_as=("df-doctor/DD057",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A URL holds a user's password.

    It stands in the repository, in the image's history, and often in the image, too: git keeps the URL of a clone in
    `.git/config`. Use a secret mount, or `--mount=type=ssh` for git.

    Bad:

        FROM debian:12
        RUN git clone https://bot:hunter2@git.example.org/app.git

    Good:

        FROM debian:12
        RUN --mount=type=ssh git clone git@git.example.org:app.git
    """
    if "@" not in file.text:
        return
    for number, line in enumerate(file.lines, 1):
        if "@" not in line or "://" not in line or line.lstrip().startswith("#"):
            continue
        for match in _URL.finditer(line):
            if match[2].lower() in _PLACEHOLDERS or _LOCAL.search(line, match.end() - 2):
                continue
            yield Violation(
                place=Place(number, match.start(2) + 1, len(match[2])),
                message=f"the password of `{match[1]}` is written into a URL",
                hint="revoke it, and use `RUN --mount=type=secret` or, for git, `--mount=type=ssh`",
            )
