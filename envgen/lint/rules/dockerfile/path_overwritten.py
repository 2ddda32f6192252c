from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_SYSTEM = frozenset({"/bin", "/usr/bin"})


@dockerfile_rule("EG160", "path-overwritten", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """ENV PATH leaves out the path that was there.

    Without `$PATH` and without `/bin` and `/usr/bin` the next RUN doesn't even find `ls`, and neither does the
    container. A `~` in it isn't replaced either.

    Bad:

        FROM debian:12
        ENV PATH=/opt/app/bin

    Good:

        FROM debian:12
        ENV PATH=/opt/app/bin:$PATH
    """
    for one in file.every("ENV"):
        for key, value, _ in one.pairs:
            if key != "PATH":
                continue
            text = value.strip("\"'")
            parts = text.split(":")
            tilde = next((part for part in parts if part.startswith("~")), None)
            if tilde is not None:
                yield Violation(
                    place=file.place(one, tilde),
                    message=f"`{tilde}` in PATH stays as it is: ENV doesn't replace `~`",
                    hint="write the whole path, or `$HOME`",
                )
            if not text or "$" in text or "%" in text or ";" in text or "\\" in text or _SYSTEM.intersection(parts):
                continue
            stage = file.stage_of(one)
            if stage is not None and file.lineage(stage)[-1].base != "scratch":
                yield Violation(
                    place=file.place(one, key),
                    message=f"`PATH={text[:60]}` drops the path of the base image, `/bin` and `/usr/bin` included",
                    hint="add `:$PATH` to it",
                )
