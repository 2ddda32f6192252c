from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_YUM = frozenset({"update", "upgrade", "dist-upgrade", "distro-sync"})
_ACTIONS = {
    "apt-get": frozenset({"upgrade", "dist-upgrade", "full-upgrade"}),
    "apt": frozenset({"upgrade", "dist-upgrade", "full-upgrade"}),
    "apk": frozenset({"upgrade"}),
    "yum": _YUM,
    "dnf": _YUM,
    "microdnf": _YUM,
    "tdnf": _YUM,
    "zypper": frozenset({"update", "up", "dist-upgrade", "dup", "patch"}),
}


@dockerfile_rule(
    "EG171",
    "package-upgrade",
    Severity.INFO,
    same_as=("kics/Run Using Upgrade Commands", "trivy/DS-0024", "semgrep/avoid-apt-get-upgrade", "df-doctor/DD013"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """All packages of the base image are upgraded while building.

    The result depends on the day of the build, the layer holds each upgraded package a second time, and Docker's cache
    keeps it for weeks anyway. A newer base image brings the same, reproducibly.

    Bad:

        FROM debian:12
        RUN apt-get update && apt-get -y upgrade

    Good:

        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl
    """
    for script, command in file.shell.calls(*_ACTIONS):
        plain = [word for word in command.args if word[:1] != "-"]
        if plain and plain[0] in _ACTIONS[command.program] and len(plain) == 1:
            yield Violation(
                place=script.word(command),
                message=f"`{command.program} {plain[0]}` makes the image depend on the day that it is built",
                hint="take a newer base image, or upgrade the packages that you need by name",
            )
