import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import in_image
from envgen.lint.rules.dockerfile._users import base_may_be_non_root, is_root, last_user

_STEPS_DOWN = re.compile(
    r"\b(?:gosu|su-exec|setpriv|runuser|supervisord?|s6|sshd|cron|dumb-init|chpst|suexec|setuidgid|sudo)\b"
    r"|\bsu \S|entrypoint|\.sh\b|/init\b|systemd"
)


@dockerfile_rule("EG169", "user-never-used", Severity.INFO, same_as=("tally/user-created-but-never-used",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A user is created, and the container runs as root all the same.

    There is no USER behind the `useradd`, and nothing to be seen that would step down to the user when the container
    starts, such as gosu, su-exec or an entrypoint script.

    Bad:

        FROM debian:12
        RUN useradd --system app
        CMD ["server"]

    Good:

        FROM debian:12
        RUN useradd --system app
        USER app
        CMD ["server"]
    """
    calls = list(file.shell.calls("useradd", "adduser"))
    if not calls:
        return
    final = file.stages[-1]
    user = last_user(file, final)
    if (user is not None and not is_root(user)) or base_may_be_non_root(file, final) or _STEPS_DOWN.search(file.text):
        return
    kept = in_image(file)
    for script, command in calls:
        name = _name(command)
        if script.instruction.stage in kept and name and name != "root":
            yield Violation(
                place=script.word(command),
                message=f"`{name}` is created, but the container runs as root",
                hint=f"switch to it: `USER {name}`",
            )
            return


def _name(command: Command) -> str:
    words = [word for word in command.args if word[:1] != "-"]
    name = words[-1] if words and command.program == "useradd" else ""
    if command.program == "adduser":
        flags = {
            "-u",
            "-G",
            "-g",
            "-h",
            "-s",
            "-k",
            "-D",
            "--uid",
            "--gid",
            "--home",
            "--shell",
            "--ingroup",
            "--gecos",
        }
        with_value = flags - {"-D"}
        plain = [
            word
            for index, word in enumerate(command.args)
            if word[:1] != "-" and (index == 0 or command.args[index - 1] not in with_value)
        ]
        name = plain[0] if len(plain) == 1 else ""
    return name if "$" not in name else ""
