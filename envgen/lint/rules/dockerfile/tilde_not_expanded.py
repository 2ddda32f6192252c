from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG161", "tilde-not-expanded", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A `~` outside of RUN is a folder of that name, not the home.

    Only a shell replaces `~`. `COPY x ~/` writes to a folder called `~` below the working directory, and
    `WORKDIR ~/app` works in one; nobody finds the files where they were meant to be.

    Bad:

        FROM debian:12
        COPY .bashrc ~/.bashrc

    Good:

        FROM debian:12
        COPY .bashrc /root/.bashrc
    """
    for one in file.every("COPY", "ADD", "WORKDIR", "VOLUME"):
        word = _tilde(one)
        if word is not None:
            yield Violation(
                place=file.place(one, word),
                message=f"`{word}` is a folder called `~` here: `{one.name}` doesn't replace it by a home",
                hint="write the whole path, such as `/root/` or `/home/app/`",
            )


def _tilde(one: Instruction) -> str | None:
    words = one.args if one.name == "VOLUME" else one.args[-1:]
    return next((word for word in words if word.strip("\"'") == "~" or word.strip("\"'").startswith("~/")), None)
