import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell import Script
from envgen.lint.rule import Violation, dockerfile_rule

_LOST = {
    "export": "the variable is gone when this RUN ends: its shell ends, too",
    "source": "what it sets is gone when this RUN ends: its shell ends, too",
    ".": "what it sets is gone when this RUN ends: its shell ends, too",
    "umask": "the mask is that of this RUN only",
    "alias": "the alias is gone when this RUN ends",
    "ulimit": "the limit is that of this RUN only",
}
_HINTS = {
    "export": "use `ENV`",
    "source": "put it into the RUN that needs it: `RUN . file && command`",
    ".": "put it into the RUN that needs it: `RUN . file && command`",
}
_SETTINGS = re.compile(r"(?:^|/)(?:\.(?:bash|z|k)rc|\.(?:bash_)?profile|profile|activate|nvm\.sh|[^/]*env[^/]*)$")
_QUIET = frozenset({"set", "echo", "true", ":"})


@dockerfile_rule("EG149", "run-state-lost", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A RUN does nothing but change its own shell.

    Every RUN has a shell of its own: exported variables, sourced files, aliases, umask and limits end with it. Only
    files stay, so such a RUN has no effect at all, and what comes later works without it.

    Bad:

        FROM debian:12
        RUN export APP_HOME=/app

    Good:

        FROM debian:12
        ENV APP_HOME=/app
    """
    for one in file.every("RUN"):
        scripts = file.shell.of(one)
        if len(scripts) == 1 and scripts[0].commands:
            yield from _in_script(scripts[0])


def _in_script(script: Script) -> Iterator[Violation]:
    last = script.commands[-1]
    if last.program not in _LOST or len(last.words) == 1:
        return
    if any(
        (command.program not in _LOST and command.program not in _QUIET) or command.redirects
        for command in script.commands
        if command.depth == 0
    ):
        return
    if last.program in {"source", "."} and (len(last.words) > 2 or not _SETTINGS.search(last.words[1])):  # noqa: PLR2004
        return
    yield Violation(
        place=script.word(last),
        message=f"`{' '.join(last.words)[:60]}` has no effect: {_LOST[last.program]}",
        hint=_HINTS.get(last.program, "put it into the RUN that needs it"),
    )
