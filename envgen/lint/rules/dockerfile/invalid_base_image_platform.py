from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile import _platforms
from envgen.lint.rules.dockerfile._places import in_first_line

# namespaces of the official images by architecture: https://github.com/docker-library/official-images (2026-11-23)
_ARCHITECTURES = {
    "amd64": "amd64",
    "arm32v5": "arm",
    "arm32v6": "arm",
    "arm32v7": "arm",
    "arm64v8": "arm64",
    "i386": "386",
    "mips64le": "mips64le",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}


@dockerfile_rule(
    "EG119", "invalid-base-image-platform", Severity.WARNING, same_as=("buildkit/InvalidBaseImagePlatform",)
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The base image is for another platform than FROM asks for.

    Its programs can't run there. Docker sees this when it has the image; without it, the name tells for official images
    of one architecture, such as `arm64v8/debian`.

    Bad:

        FROM --platform=linux/amd64 arm64v8/debian:12

    Good:

        FROM --platform=linux/arm64 arm64v8/debian:12 AS tools-arm64
    """
    for stage in file.stages:
        if not stage.platform or "/" not in stage.base:
            continue
        base = file.variables.bases[stage.index] or ""
        namespace, slash, _ = base.removeprefix("docker.io/").partition("/")
        found = file.variables.expansion(stage.origin, stage.platform)
        platform = _platforms.parse(found.text) if found.text and not found.used and not found.missing else None
        actual = _ARCHITECTURES.get(namespace) if slash else None
        if platform and actual and platform != ("linux", actual):
            yield Violation(
                place=in_first_line(file, stage.origin, f"--platform={stage.platform}"),
                message=f"`{base}` is for `linux/{actual}`, not for `{found.text}`",
                hint=f"take `{base.removeprefix('docker.io/').partition('/')[2]}`, which is for many platforms",
            )
