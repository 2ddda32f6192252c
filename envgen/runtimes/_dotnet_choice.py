"""What follows from a .NET project and from what is asked for: how the app is shipped, and on which image."""

import re

from envgen.runtimes import _dotnet_project as project
from envgen.runtimes._dotnet_project import Project
from envgen.runtimes.language import Request

_FIRST_SDK_PATCH = 100  # SDKs count from x.y.100, runtimes from x.y.0
_PLATFORM_IN_LOCK = re.compile(r'"net[^"/]*/linux-')


def major(request: Request) -> int:
    """The major version of .NET that is asked for."""
    return int(request.release.major.partition(".")[0])


def version(request: Request) -> tuple[int, int]:
    """The version of the release line, such as (10, 0)."""
    major, minor = request.release.major.split(".")
    return int(major), int(minor)


def names_sdk(request: Request) -> bool:
    """Whether the version is one of an SDK, such as 10.0.400, and not of a runtime."""
    parts = request.version.split(".")
    return len(parts) > 2 and int(parts[2]) >= _FIRST_SDK_PATCH  # noqa: PLR2004 - major, minor, patch


def deployment(request: Request, app: Project | None) -> str:
    """How the app is shipped: what the option says, else the project's own properties."""
    written = request.options.get("deploy")
    if written or app is None:
        return str(written or "framework")
    if app.says("PublishAot"):
        return "aot"
    if app.says("PublishTrimmed"):
        return "trimmed"
    return "self-contained" if app.says("SelfContained") or app.says("PublishSelfContained") else "framework"


def is_single_file(app: Project | None) -> bool:
    """Whether the app is published as one file that is a program."""
    return app is not None and app.says("PublishSingleFile")


def needs_platform(how: str, app: Project | None) -> bool:
    """Whether what is published is for one platform alone."""
    return how != "framework" or is_single_file(app) or (app is not None and app.says("PublishReadyToRun"))


def has_portable_locks(app: Project | None) -> bool:
    """Whether there are lock files that name no platform, so that restoring for one would contradict them."""
    locks = [one.lock for one in project.closure(app) if one.lock] if app else []
    return not all(map(_PLATFORM_IN_LOCK.search, locks))


def repository(request: Request, how: str, app: Project | None) -> str:
    """The last part of the name of the image that runs."""
    if how != "framework":
        return "runtime-deps"
    written = request.options.get("framework")
    if written or app is None:
        return str(written or "aspnet")
    return "aspnet" if any(one.needs_aspnet for one in project.closure(app)) else "runtime"
