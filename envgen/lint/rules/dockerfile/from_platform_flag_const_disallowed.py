from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile import _platforms
from envgen.lint.rules.dockerfile._places import in_first_line


@dockerfile_rule(
    "EG115",
    "from-platform-flag-const-disallowed",
    Severity.WARNING,
    same_as=(
        "buildkit/FromPlatformFlagConstDisallowed",
        "hadolint/DL3029",
        "kics/Using Platform Flag with FROM Command",
    ),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """FROM should not fix the platform.

    The image is then for that platform on every machine: elsewhere it is emulated and slow, or fails with "exec format
    error". `docker build --platform` or `platforms:` in a compose file says it where it belongs. A stage whose name has
    the system or the architecture in it is taken to mean it.

    Bad:

        FROM --platform=linux/amd64 debian:12

    Good:

        FROM --platform=$BUILDPLATFORM debian:12 AS build
        FROM --platform=linux/amd64 debian:12 AS tools-amd64
        FROM debian:12
    """
    for stage in file.stages:
        if not stage.platform:
            continue
        found = file.variables.expansion(stage.origin, stage.platform)
        platform = _platforms.parse(found.text) if found.text and not found.used and not found.missing else None
        if platform and not any(part in stage.name.lower() for part in platform):
            yield Violation(
                place=in_first_line(file, stage.origin, f"--platform={stage.platform}"),
                message=f"the platform is fixed to `{found.text}` on every machine",
                hint="leave the flag out, and choose the platform when you build",
            )
