import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_APT = ("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories")
_YUM = ("--nogpgcheck", "--no-gpgcheck", "--no-gpg-checks")
_FLAGS = {
    "apt-get": _APT,
    "apt": _APT,
    "apk": ("--allow-untrusted",),
    **dict.fromkeys(("yum", "dnf", "microdnf", "tdnf"), _YUM),
    "rpm": ("--nosignature",),
    "zypper": ("--no-gpg-checks", "--gpg-auto-import-keys-unsafe"),
}
_WRITTEN = re.compile(
    r"\[[^\]\n]*\btrusted\s*=\s*yes\b[^\]\n]*\]|Acquire::AllowInsecureRepositories[= \"]+(?:true|1|yes)"
)


@dockerfile_rule(
    "EG145",
    "signature-check-off",
    Severity.WARNING,
    same_as=("checkov/CKV2_DOCKER_7", "checkov/CKV2_DOCKER_8", "checkov/CKV2_DOCKER_9", "checkov/CKV2_DOCKER_11"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """Packages are installed although nobody can tell who made them.

    Package managers check that packages are signed by their distribution; with the check off, a mirror or anybody
    between can hand out other ones. Import the key of the repository instead (`signed-by=`, `rpm --import`).

    Bad:

        FROM debian:12
        RUN apt-get update && apt-get install -y --allow-unauthenticated tool

    Good:

        FROM debian:12
        RUN apt-get update && apt-get install -y tool
    """
    hint = "remove it, and import the key that signs the packages"
    for script, command in file.shell.calls(*_FLAGS):
        for index, word in enumerate(command.words):
            if word in _FLAGS[command.program] and _installs(command):
                yield Violation(
                    place=script.word(command, index),
                    message=f"`{word}` lets `{command.program}` install packages that nobody has signed",
                    hint=hint,
                )
    if "trusted" not in file.text and "AllowInsecure" not in file.text:
        return
    for script, command in file.shell.every():
        for index, word in enumerate(command.words):
            match = _WRITTEN.search(word) if "=" in word else None
            if match is not None and "] file:" not in word:
                yield Violation(
                    place=script.word(command, index),
                    message=f"`{match[0]}` lets apt install packages that nobody has signed",
                    hint=hint,
                )


def _installs(command: Command) -> bool:
    """Whether apk is asked for packages of a repository: a file of one's own can't be installed without the flag."""
    if command.program != "apk":
        return True
    packages = [word for word in command.args if word[:1] not in "-." and word != "add"]
    return "add" in command.args and any(not word.endswith(".apk") for word in packages)
