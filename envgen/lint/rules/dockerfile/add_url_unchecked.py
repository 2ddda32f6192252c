from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG174", "add-url-unchecked", Severity.INFO, same_as=("df-doctor/DD059",))
def check(file: Dockerfile) -> Iterator[Violation]:
    r"""ADD downloads a file and nobody checks what came.

    The server may hand out another file tomorrow; with `--checksum` the build stops then instead of shipping it. Over
    http anybody on the way can change it.

    Bad:

        FROM debian:12
        ADD https://example.org/tool.tar.gz /opt/

    Good:

        FROM debian:12
        ADD --checksum=sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae \
            https://example.org/tool.tar.gz /opt/
    """
    for one in file.every("ADD"):
        for source in one.args[:-1]:
            bare = source.strip("\"'")
            is_git = bare.endswith(".git") or ".git#" in bare
            if bare.startswith(("http://", "https://")) and not is_git and not one.flag("checksum"):
                yield Violation(
                    place=file.place(one, source),
                    message=f"`{bare[:80]}` is added without a check of what comes",
                    hint="add `--checksum=sha256:...`",
                )
