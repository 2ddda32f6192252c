from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell import Script
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_SHELLS = ("sh", "bash", "ash", "dash", "zsh", "ksh")
_INTERPRETERS = ("python", "python3", "perl", "ruby", "node", "php")
_EVALUATORS = ("eval", "source", ".")
_DOWNLOADERS = frozenset({"curl", "wget"})


@dockerfile_rule("EG141", "curl-pipe-shell", Severity.WARNING, same_as=("droast/DF021", "df-doctor/DD054"))
def check(file: Dockerfile) -> Iterator[Violation]:
    r"""What was just downloaded is run unseen.

    Whoever controls the server, or its account, or the name, runs commands in your build; nothing says that it is the
    script of yesterday, and a connection that breaks off runs half of it. Download it, compare its checksum, run it.

    Bad:

        FROM debian:12
        RUN curl -fsSL https://example.org/install.sh | sh

    Good:

        FROM debian:12
        RUN curl -fsSLo install.sh https://example.org/install.sh \
            && echo "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae  install.sh" | sha256sum -c \
            && sh install.sh
    """
    for script, saved, command in _saved(file):
        yield Violation(
            place=script.word(saved),
            message=f"the file that `{saved.program}` downloads is run by `{command.program}` without any check",
            hint="compare its checksum with one that you wrote down before it is run",
        )
    for script, command in file.shell.calls(*_SHELLS, *_INTERPRETERS, *_EVALUATORS):
        download = _piped(script, command) or _substituted(script, command)
        if download is not None:
            yield Violation(
                place=script.word(download),
                message=f"what `{download.program}` downloads is run by `{command.program}` without any check",
                hint="save it to a file, compare its checksum with one that you wrote down, and run that file",
            )


def _piped(script: Script, command: Command) -> Command | None:
    """The download at the head of the pipe that a shell reads its commands from."""
    if command.piped_from < 0 or command.program in _EVALUATORS or not _reads_input(command):
        return None
    source = script.commands[command.piped_from]
    while source.piped_from >= 0:
        source = script.commands[source.piped_from]
    return source if source.program in _DOWNLOADERS else None


def _reads_input(command: Command) -> bool:
    args = command.args
    if command.program in _INTERPRETERS:
        return not args or args[0] == "-"
    for index, word in enumerate(args):
        if word in {"-", "-s", "--", "/dev/stdin"} or (word[:1] == "-" and word[1:2] != "-" and "s" in word):
            return True
        if word[:1] != "-" or word.endswith("c"):
            return word in {"pipefail", "errexit"} and index > 0
    return True


def _substituted(script: Script, command: Command) -> Command | None:
    """The download in `bash <(curl ...)`, `sh -c "$(curl ...)"` or `eval "$(curl ...)"`."""
    if not command.nested or len(command.words) == 1:
        return None
    if command.program in _SHELLS:
        first = next((word for word in command.args if word[:1] != "-"), "")
        if not first.startswith(("<(", "$(", "`")):
            return None
    elif command.program in _EVALUATORS:
        if not command.args[0].startswith(("<(", "$(", "`")):
            return None
    else:
        return None
    inner = [script.commands[index] for index in command.nested]
    return inner[0] if inner and inner[0].program in _DOWNLOADERS and len(inner) == 1 else None


_CHECKS = frozenset(
    {"sha256sum", "sha512sum", "sha1sum", "sha384sum", "md5sum", "shasum", "gpg", "gpgv", "cosign", "minisign"}
)
_CHECKS |= {"openssl", "b2sum", "verify"}


def _saved(file: Dockerfile) -> Iterator[tuple[Script, Command, Command]]:
    """Downloads into a file that a later command of the same RUN hands to a shell or runs, with no check between."""
    for script, command in file.shell.calls(*sorted(_DOWNLOADERS)):
        path = _output(command)
        if not path or "$" in path or command.piped_from >= 0:
            continue
        after = script.commands[script.commands.index(command) + 1 :]
        for later in after:
            if later.program in _CHECKS or "patch" in later.program:
                break
            if _runs(later, path):
                yield script, command, later
                break


def _output(command: Command) -> str:
    """The file that a download is written to, "" where it isn't said."""
    for operator, target, _ in command.redirects:
        if operator in {">", "1>"}:
            return target
    flags = ("-o", "--output") if command.program == "curl" else ("-O", "--output-document")
    for index, word in enumerate(command.args):
        name, has_value, value = word.partition("=")
        if name in flags or (word[:1] == "-" and word[1:2] != "-" and word.endswith(flags[0][1])):
            return value if has_value else "".join(command.args[index + 1 : index + 2])
    return ""


def _runs(command: Command, path: str) -> bool:
    name = path.rpartition("/")[2]
    if command.program in _SHELLS or command.program in {"source", "."}:
        first = next((word for word in command.args if word[:1] not in "-+"), "")
        return first in {path, f"./{name}", name} and "-c" not in command.args
    return bool(command.words) and command.words[0] in {path, f"./{path}"} and name.endswith(".sh")
