import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import in_image

_SYMBOLIC = re.compile(r"(?:[ugoa]*[-+=][rwxXst]*,)*[ugo]*[oa][ugoa]*[+=][rxXst]*w[rwxXst]*(?:,[-ugoa+=rwxXst,]*)?")
_TEMPORARY = re.compile(r"te?mp", re.IGNORECASE)
_SHARED = ("/dev/", "/proc/", "/tmp", "/var/tmp", "/run/screen")  # noqa: S108 - names, not files


@dockerfile_rule(
    "EG146",
    "world-writable",
    Severity.INFO,
    same_as=("droast/DF034", "df-doctor/DD050", "tally/world-writable-state-path-workaround"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """Files are made writable for everybody.

    Whatever runs in the container, as whichever user, can then change the program or its data: one weak process is
    enough. Give the files to the user who needs them, with `chown` or `COPY --chown`, or to its group.

    Bad:

        FROM debian:12
        RUN mkdir /data && chmod 777 /data

    Good:

        FROM debian:12
        RUN mkdir /data && chown 1000:1000 /data
    """
    kept = in_image(file)
    hint = "give the files to the user who needs them (`chown`), or to its group (`chmod g+w`)"
    for script, command in file.shell.calls("chmod"):
        for index, word in enumerate(command.words[1:], 1):
            if word[:1] == "-" and word[1:2] in {"-", "R", "f", "v", "c", "h", "H", "L", "P"}:
                continue
            targets = [path for path in command.words[index + 1 :] if path[:1] != "-"]
            if script.instruction.stage in kept and _is_open(word) and not (targets and all(map(_is_shared, targets))):
                yield Violation(
                    place=script.word(command, index),
                    message=f"`chmod {word}` lets everybody in the container write"
                    + (f" to `{targets[0]}`" if targets else ""),
                    hint=hint,
                )
            break
    for one in file.every("COPY", "ADD"):
        mode = one.flag("chmod") if one.flags else None
        if mode and one.args and one.stage in kept and _is_open(mode) and not _is_shared(one.args[-1]):
            yield Violation(
                place=file.place(one, mode),
                message=f"`--chmod={mode}` lets everybody in the container write to what is copied",
                hint=hint,
            )


def _is_shared(path: str) -> bool:
    return path.startswith(_SHARED) or (path[:1] == "$" and _TEMPORARY.search(path) is not None)


def _is_open(mode: str) -> bool:
    if mode.isdecimal():
        return mode[-1] in "2367" and len(mode) > 2 and not (len(mode) == 4 and mode[0] in "1357")  # noqa: PLR2004
    return _SYMBOLIC.fullmatch(mode) is not None and "+t" not in mode
