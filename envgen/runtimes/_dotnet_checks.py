"""What the build of a .NET project would trip over.

Sources: https://learn.microsoft.com/dotnet/core/tools/global-json (without `rollForward` an SDK of the same band is
needed), https://learn.microsoft.com/dotnet/core/versions/selection (a runtime of another major version isn't taken),
https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1004. Read 2026-11-24.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator

from envgen.runtimes import _dotnet_choice as choice
from envgen.runtimes import _dotnet_project as project
from envgen.runtimes._dotnet_project import Project
from envgen.runtimes.language import Request, Trouble

_STAYS_IN_BAND = {"", "disable", "patch", "latestPatch"}
_GOES_UP = {"major", "latestMajor"}
_BAND = 100  # SDK x.y.znn is of the feature band z
_SDK_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_PASSWORD = re.compile(r"key\s*=\s*[\"'](?:ClearText)?Password[\"']\s+value\s*=\s*[\"'](?!%)[^\"']", re.IGNORECASE)


def check(request: Request) -> Iterable[Trouble]:
    """What is wrong with a context, as far as its files tell."""
    app = project.chosen(request)
    if app is None:
        yield from _check_choice(request)
        return
    yield from _check_framework(request, app)
    yield from _check_references(app)
    yield from _check_sdk(request)
    yield from _check_deployment(request, app)
    for path in project.feeds(request):
        if _PASSWORD.search(request.text(path)):
            hint = 'write value="%NUGET_PASSWORD%", and give it: `secrets: [{source: nuget, env: NUGET_PASSWORD}]`'
            yield Trouble(file=path, message="it holds a password, which stays in the build's layers", hint=hint)


def _check_choice(request: Request) -> Iterator[Trouble]:
    """Why there is no project to publish."""
    every = project.projects(request)
    paths = [one.path for one in project.apps(request)]
    if not every:
        hint = "run `dotnet new web` there, or name the folder that holds all projects as the context"
        yield Trouble(file=".", message="there is no project (*.csproj, *.fsproj, *.vbproj)", hint=hint)
    elif request.app is not None:
        hint = f"there is {', '.join(paths or [one.path for one in every])}"
        yield Trouble(file=request.app, message="there is no such project", hint=hint)
    elif paths:
        hint = f"say which, such as `app: {paths[0]}`"
        yield Trouble(file=".", message=f"there are several apps: {', '.join(paths)}", hint=hint)
    elif any(not one.sdk for one in every):
        yield _old_style(next(one for one in every if not one.sdk))
    else:
        hint = "set <OutputType>Exe</OutputType>, or name the project with `app`"
        yield Trouble(file=every[0].path, message="no project here is an app: all are libraries or tests", hint=hint)


def _old_style(one: Project) -> Trouble:
    hint = "convert it: https://learn.microsoft.com/dotnet/core/porting/"
    return Trouble(file=one.path, message="it is a project of the .NET Framework, which only Windows has", hint=hint)


def _check_framework(request: Request, app: Project) -> Iterator[Trouble]:
    """Whether the SDK builds, and the image runs what the project targets."""
    if "Microsoft.NET.Sdk.BlazorWebAssembly" in app.sdk:
        hint = "publish the project that hosts it, or serve its files: `uses: static` with `assets`"
        yield Trouble(file=app.path, message="it runs in the browser, not in a container", hint=hint)
    windows = next((name for name in app.frameworks if re.match(r"net4|v\d|net[\d.]+-windows", name)), None)
    if (windows and len(app.frameworks) == 1) or not app.sdk:
        if windows and "-windows" in windows:
            hint = "target the framework without `-windows`"
            yield Trouble(file=app.path, message=f"it targets {windows}, which only Windows has", hint=hint)
        else:
            yield _old_style(app)
        return
    versions = [found for name in app.frameworks if (found := project.framework_version(name))]
    have = choice.version(request)
    if not versions or have in versions:
        return
    found, names = max(versions), ";".join(app.frameworks)
    other = f"use dotnet@{found[0]}.{found[1]}"
    if min(versions) > have:
        message = f"it targets {names}, which the SDK of {request.release.major} can't build"
        yield Trouble(file=app.path, message=message, hint=f"{other}, or change TargetFramework")
    elif len(app.frameworks) > 1:
        message = f"it targets {names}, but not the image's {request.release.major}"
        yield Trouble(file=app.path, message=message, hint=f"{other}, or add net{request.release.major}")
    elif choice.deployment(request, app) == "framework" and app.value("RollForward").lower() not in {
        "major",
        "latestmajor",
    }:
        message = f"it targets {names}, and the image has the runtime {request.release.major} alone"
        yield Trouble(
            file=app.path, message=message, hint=f"{other}, change TargetFramework, or set RollForward to Major"
        )


def _check_references(app: Project) -> Iterator[Trouble]:
    for one in project.closure(app):
        for path, other in project.missing(one):
            if path.startswith(".."):
                message = "it refers to a project outside of the context"
                hint = "let the context be the folder that holds both, and name the project with `app`"
            else:
                message = f"it refers to {path}, which is not there"
                hint = f"write {other}: names have upper and lower case in a container" if other else "correct the path"
            yield Trouble(file=one.path, message=message, hint=hint)


def _check_sdk(request: Request) -> Iterator[Trouble]:
    """Whether global.json is content with the SDK that the image has."""
    try:
        written = json.loads(re.sub(r"^\s*//.*$", "", request.text("global.json").lstrip("\ufeff"), flags=re.MULTILINE))
    except ValueError:
        return  # also what is not there; comments beside values are rare
    wanted = written.get("sdk") if isinstance(written, dict) else None
    pinned = _SDK_VERSION.match(str(wanted.get("version", ""))) if isinstance(wanted, dict) else None
    if pinned is None or not isinstance(wanted, dict) or "sdk" in request.options:
        return
    policy = str(wanted.get("rollForward", ""))
    image = request.version if choice.names_sdk(request) else str(request.release.facts["sdk"])
    have, want = tuple(map(int, image.split("."))), tuple(map(int, pinned.groups()))
    message = f"it asks for SDK {pinned[0]}, and the image has {image}"
    if want[:2] != have[:2]:
        if want > have or policy not in _GOES_UP:
            hint = f"use dotnet@{want[0]}.{want[1]}, or let global.json ask for {have[0]}.{have[1]}"
            yield Trouble(file="global.json", message=message, hint=hint)
    elif policy in _STAYS_IN_BAND and want[2] // _BAND != have[2] // _BAND:
        hint = f'set "rollForward": "latestFeature" there, or use dotnet@{pinned[0]} if there is an image of that SDK'
        yield Trouble(file="global.json", message=message, hint=hint)


def _check_deployment(request: Request, app: Project) -> Iterator[Trouble]:
    how = choice.deployment(request, app)
    if "composite" in request.variant and choice.repository(request, how, app) != "aspnet":
        message = "only images of ASP.NET Core are there as `composite`, and this app needs another one"
        yield Trouble(file=app.path, message=message, hint="take the variant without `-composite`")
    if choice.needs_platform(how, app) and choice.has_portable_locks(app):
        file = posixpath.join(app.folder, "packages.lock.json")
        hint = "set RuntimeIdentifiers in the project, and run `dotnet restore --force-evaluate`"
        yield Trouble(file=file, message="it names no platform, and the app is published for one", hint=hint)
