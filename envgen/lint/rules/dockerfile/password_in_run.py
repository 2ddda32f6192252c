from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell import Script
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_WRITERS = frozenset({"echo", "printf"})
_LOCKED = frozenset({"", "*", "!", "!!", "x", "NP"})
_HASHES = ("$1$", "$5$", "$6$", "$y$")
_READERS = ("chpasswd", "passwd")


@dockerfile_rule("EG164", "password-in-run", Severity.WARNING, same_as=("checkov/CKV2_DOCKER_17",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A user's password is set with a text that stands here.

    It is the same in every container, everyone who has the image or the repository can read it, and with ssh or su in
    the image it opens the door. Containers rarely need passwords; if so, set one when the container starts.

    Bad:

        FROM debian:12
        RUN echo 'root:toor' | chpasswd

    Good:

        FROM debian:12
        RUN useradd --system app
    """
    for script, command in file.shell.calls(*_READERS):
        source = script.commands[command.piped_from] if command.piped_from >= 0 else None
        if source is not None and source.program in _WRITERS and _is_literal(source):
            yield _violation(script, source, 1, command.program)
    for script, command in file.shell.calls("useradd", "usermod"):
        index = command.find("-p", "--password")
        if index is not None:
            value = command.words[index].partition("=")[2] or (*command.words, "")[index + 1 : index + 2][-1]
            if value not in _LOCKED and (value[0] != "$" or value.startswith(_HASHES)) and "$(" not in value:
                yield _violation(script, command, index, command.program)


def _is_literal(source: Command) -> bool:
    texts = [word for word in source.args if word[:1] != "-"]
    if not texts:
        return False
    last = texts[0].replace("\\n", "\n").strip().rpartition(":")[2] if ":" in texts[0] else texts[-1]
    return bool(last.strip()) and "$" not in last and "`" not in last and "%s" not in last and last != "*"


def _violation(script: Script, command: Command, index: int, program: str) -> Violation:
    return Violation(
        place=script.word(command, min(index, len(command.words) - 1)),
        message=f"`{program}` sets a password that everyone who has the image can read",
        hint="leave the user without a password (`useradd --system`), or set it when the container starts",
    )
