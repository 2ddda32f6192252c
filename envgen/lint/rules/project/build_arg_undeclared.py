from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule

_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"})
_BUILT_IN = frozenset(
    {"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "TARGETOSVERSION", "TARGETSTAGE", "SOURCE_DATE_EPOCH"}
    | {"BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT", "BUILDOSVERSION"}
)


@project_rule(
    "EG305", "build-arg-undeclared", Severity.WARNING, same_as=("docker/build-args not consumed",), keys=("build",)
)
def check(project: Project) -> Iterator[Violation]:
    """A build argument is passed to a Dockerfile that has no ARG of this name.

    BuildKit drops such an argument without a word, so the value never arrives: the ARG was renamed or removed, or one
    of the two names is mistyped. Proxy variables and BuildKit's own arguments need no ARG.

    Bad:

        --- compose.yaml
        services:
          api:
            build:
              context: .
              args: {NODE_VERSOIN: "22"}
        --- Dockerfile
        ARG NODE_VERSION=20
        FROM node:${NODE_VERSION}

    Good:

        --- compose.yaml
        services:
          api:
            build:
              context: .
              args: {NODE_VERSION: "22"}
        --- Dockerfile
        ARG NODE_VERSION=20
        FROM node:${NODE_VERSION}
    """
    for link in project.builds:
        file, service = link.parsed, link.service
        if service is None or service.build is None or file is None or not link.args or _may_hide_args(file):
            continue
        declared = {word.partition("=")[0].strip("\"'") for one in file.every("ARG") for word in one.args}
        for name in link.args:
            if name in declared or "$" in name or _is_built_in(name):
                continue
            yield Violation(
                place=service.place(*service.build.arg_routes[name], at_key=True),
                message=f"the build argument `{name}` is declared by no ARG in {_called(file, link.is_inline)}",
                hint=suggest.hint(name, declared - set(link.args)) or "remove it, or add the ARG",
            )


def _called(file: Dockerfile, is_inline: bool) -> str:  # noqa: FBT001 - one of two, named at the only call
    return "its `dockerfile_inline`" if is_inline else file.path


def _is_built_in(name: str) -> bool:
    return name.upper() in _PROXIES or name in _BUILT_IN or name.startswith("BUILDKIT_")


def _may_hide_args(file: Dockerfile) -> bool:
    """Whether ARGs may come from elsewhere: another frontend, or a base image's ONBUILD."""
    frontend = file.directives.get("syntax", ("docker/dockerfile", 1))[0]
    return "docker/dockerfile" not in frontend or any("onbuild" in stage.base for stage in file.stages)
