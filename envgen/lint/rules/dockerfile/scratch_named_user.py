from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import inherited, on_scratch


@dockerfile_rule("EG156", "scratch-named-user", Severity.WARNING, same_as=("tally/named-identity-in-passwdless-stage",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A stage built on scratch knows no user by name.

    Names are looked up in `/etc/passwd`, and scratch has none: the container doesn't start ("unable to find user").
    Numbers work without it.

    Bad:

        FROM scratch
        COPY server /server
        USER app

    Good:

        FROM scratch
        COPY server /server
        USER 10001
    """
    if "scratch" not in file.text:
        return
    scratch = on_scratch(file)
    excused = inherited(file, lambda stage: any(_may_bring_users(one.name, one.args) for one in stage.instructions))
    for stage in file.stages:
        if not scratch[stage.index] or excused[stage.index]:
            continue
        for one in stage.instructions:
            name = one.args[0].strip("\"'").partition(":")[0] if one.name == "USER" and one.args else ""
            if name and not name.isdecimal() and "$" not in name:
                yield Violation(
                    place=file.place(one, name),
                    message=f"there is no user `{name}` in a stage `FROM scratch`: it has no `/etc/passwd`",
                    hint="use the user's number, or copy an `/etc/passwd`",
                )


def _may_bring_users(name: str, args: tuple[str, ...]) -> bool:
    if name not in {"COPY", "ADD"} or not args:
        return name == "RUN"
    destination = args[-1].strip("\"'")
    if destination.startswith("/etc") or "$" in destination:
        return True
    return destination in {"/", ".", "./"} and any(
        source.strip("\"'").endswith((".", "/", "*", ".gz", ".xz", ".tar", ".tgz", ".bz2", "passwd", "etc", "rootfs"))
        or "." not in source.rpartition("/")[2]
        for source in args[:-1]
    )
