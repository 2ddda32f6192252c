from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_WITH_VALUE = frozenset("AbcCdDeEFhHKmPQrtTuUwxXyYz")


@dockerfile_rule("EG175", "curl-without-fail", Severity.INFO, same_as=("droast/DF035",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """Curl saves an error page as if it were the file.

    Without `--fail` curl ends well on "404 Not Found" and writes the page to the file; the build breaks later, or
    installs the page.

    Bad:

        FROM debian:12
        RUN curl -sSLo tool.tar.gz https://example.org/tool.tar.gz

    Good:

        FROM debian:12
        RUN curl -fsSLo tool.tar.gz https://example.org/tool.tar.gz
    """
    for script, command in file.shell.calls("curl"):
        fails, saves = _fails_and_saves(command)
        if saves and not fails:
            yield Violation(
                place=script.word(command),
                message="`curl` without `--fail` saves an error page as if it were the file",
                hint="add `-f`",
            )


def _fails_and_saves(command: Command) -> tuple[bool, bool]:
    fails = saves = False
    for word in command.args:
        if word.startswith("--"):
            fails = fails or word.startswith("--fail") or word == "--config"
            saves = saves or word.partition("=")[0] in {"--output", "--remote-name", "--remote-name-all"}
        elif word[:1] == "-":
            for letter in word[1:]:
                fails = fails or letter in "fK"
                if letter in "oO":
                    saves = True
                if letter == "o" or letter in _WITH_VALUE:
                    break
        elif word[:1] == "$":
            return True, saves  # its options are in a variable
    if "/dev/null" in command.words:
        return True, saves
    return fails, saves
