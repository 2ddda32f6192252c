from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._users import base_may_be_non_root, last_user


@dockerfile_rule(
    "EG168",
    "user-missing",
    Severity.INFO,
    same_as=("kics/Missing User Instruction", "checkov/CKV_DOCKER_3", "trivy/DS-0002", "semgrep/missing-user"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The image names no user, so the container runs as root.

    Root in the container is root towards the kernel and towards every mounted folder; a hole in the program gives all
    of it away. Bases that are known to have a user of their own are left out.

    Bad:

        FROM debian:12
        CMD ["server"]

    Good:

        FROM debian:12
        USER 10001
        CMD ["server"]
    """
    if not file.stages:
        return
    final = file.stages[-1]
    if last_user(file, final) is None and not base_may_be_non_root(file, final):
        yield Violation(
            place=file.place(final.origin),
            message="no `USER` is named, so the container runs as the base image's user, most often root",
            hint="end with `USER` and a user that isn't root, best by number",
        )
