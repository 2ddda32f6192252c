from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_WHAT = {
    ("security", "insecure"): "this RUN is root on the machine that builds: no sandbox holds it",
    ("network", "host"): "this RUN sees all that the building machine's network shows, its local services included",
}


@dockerfile_rule("EG166", "run-unconfined", Severity.INFO, same_as=("dockerfile-sec/core-008", "df-doctor/DD060"))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A RUN asks to leave the sandbox of the build.

    `--security=insecure` and `--network=host` need an entitlement that builders refuse by default (`--allow`), and give
    the commands of this RUN, and of all that they download, more of the building machine than they should need.

    Bad:

        FROM debian:12
        RUN --network=host make

    Good:

        FROM debian:12
        RUN make
    """
    for one in file.every("RUN"):
        if one.flags:
            for (name, value), what in _WHAT.items():
                if one.flag(name) == value:
                    hint = "remove it, if the commands work without"
                    yield Violation(place=file.place(one, f"--{name}"), message=what, hint=hint)
