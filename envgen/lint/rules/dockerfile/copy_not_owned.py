from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import in_image
from envgen.lint.rules.dockerfile._users import is_root


@dockerfile_rule(
    "EG170",
    "copy-not-owned",
    Severity.INFO,
    same_as=("tally/copy-after-user-without-chown", "df-hardener/DH010"),
    default=False,
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """Files that are copied below a USER belong to root all the same.

    COPY and ADD take no notice of USER: without `--chown` the files belong to root, so the user can read but not change
    them. For code that is right; for what the program writes to it isn't. Hence this is off by default.

    Bad:

        FROM debian:12
        USER app
        COPY data /app/data

    Good:

        FROM debian:12
        USER app
        COPY --chown=app data /app/data
    """
    kept = in_image(file)
    for stage in file.stages:
        user = None
        for one in stage.instructions:
            if one.name == "USER" and one.args:
                user = None if is_root(one) else one
            elif user and one.name in {"COPY", "ADD"} and stage.index in kept and one.flag("chown") is None:
                yield Violation(
                    place=file.place(one),
                    message=f"what is copied here belongs to root, not to `{user.args[0]}`",
                    hint=f"add `--chown={user.args[0]}` where the user has to write",
                )
