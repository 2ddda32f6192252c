"""C#, F# and Visual Basic on .NET, with NuGet.

Sources: https://github.com/dotnet/dotnet-docker (documentation/, samples/ and the Dockerfiles in src/: user app
1654:1654 since 8.0; chiselled `runtime` and `aspnet` have the entrypoint `dotnet`, `runtime-deps` has none; port 8080),
its issue 3353 (packages in a cache mount are gone for `--no-restore`), https://learn.microsoft.com/dotnet/core/tools/
(restore, publish, global.json), https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files
(lock files; NuGet/Home issue 8260: they have to name the same platforms as the restore),
https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector (the heap stays within 75 % of a container's
limit by default). Read 2026-11-24.
"""

import posixpath
import re
import shlex
from collections.abc import Mapping

from envgen.runtimes import _dotnet_checks as checks
from envgen.runtimes import _dotnet_choice as choice
from envgen.runtimes import _dotnet_project as project
from envgen.runtimes import _probes, distro
from envgen.runtimes._dotnet_project import Project
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Request, load_releases

_IMAGES = "mcr.microsoft.com/dotnet"
_OUT = "/out"
_PACKAGES = "/opt/nuget"
_DOWNLOADS = "/root/.local/share/NuGet"  # what NuGet keeps of answers; packages themselves lie in _PACKAGES
_APP = {"app": (1654, 1654)}
_FLAVOUR = re.compile(r"(?:-chiseled)?(?:-composite)?(?:-extra)?$")
_UBUNTU = re.compile(r"(bionic|focal|jammy|noble|resolute)")
_PORT_8080_SINCE = 8  # also: `-a` takes Docker's names of architectures, and the images have a user
_AOT_IMAGES_SINCE = 10
_DEPLOYMENTS = ("framework", "self-contained", "trimmed", "aot")
_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "framework": (),
    "self-contained": ("SelfContained=true",),
    "trimmed": ("SelfContained=true", "PublishTrimmed=true"),
    "aot": ("PublishAot=true",),
}
_PROBES_BY_NAME = {"curl": _probes.curl, "wget": _probes.wget}


def _recipe(request: Request) -> Recipe:
    app = project.chosen(request)
    how = choice.deployment(request, app)
    family = _distro(request)
    probe = str(request.options.get("probe", "wget" if family.name == "alpine" else ""))
    target = shlex.quote(_target(request, app))
    name = _assembly(request, app)
    program = how != "framework" or choice.is_single_file(app)
    # without a lock file that names platforms, packages for all of them are restored: what is published runs anywhere
    aimed = choice.needs_platform(how, app) or (
        choice.major(request) >= _PORT_8080_SINCE and not choice.has_portable_locks(app)
    )
    return Recipe(
        base=request.image or _base(request, how, app),
        distro=family,
        users=_APP if choice.major(request) >= _PORT_8080_SINCE else {},
        builder=_builder(request, how),
        builder_distro=_builder_distro(request),
        builder_users=_APP if choice.major(request) >= _PORT_8080_SINCE else {},
        cross=how != "aot",
        arguments=("TARGETARCH",) if aimed else (),
        environment=_environment(request, app),
        build_environment={"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "NUGET_PACKAGES": _PACKAGES},
        dev_environment={"ASPNETCORE_ENVIRONMENT": "Development", "DOTNET_ENVIRONMENT": "Development"},
        manifests=_manifests((app,) if app else ()),
        dev_manifests=_manifests((app, *project.tests(request, app)) if app else ()),
        install_all=(_restore(request, how, app, target, aimed=aimed),),
        install_dev=_restore_all(request, app),
        build=(_publish(request, how, app, target, aimed=aimed),),
        finish=(f"rm -f {_OUT}/*.dbg",) if how == "aot" else (),
        caches=(_DOWNLOADS,),
        artifacts=((_OUT, "./"),),
        assets_target="./wwwroot/",
        command=(f"/app/{name}",) if program else ("dotnet", f"{name}.dll"),
        http_probe=_PROBES_BY_NAME.get(probe) if family.shell else None,
        packages=(probe,) if probe and not (family.name == "alpine" and probe == "wget") else (),
        build_packages=_compiler(request) if how == "aot" else (),
        extra={"entrypoint": "" if program or family.shell else "none"},
    )


def _distro(request: Request) -> Distro:
    if "chiseled" in request.variant:
        return distro.find("chiseled")
    return _builder_distro(request)


def _builder_distro(request: Request) -> Distro:
    if "alpine" in request.variant:
        return distro.find("alpine")
    ubuntu = _UBUNTU.match(request.variant) or (not request.variant and request.release.facts.get("distro") == "ubuntu")
    return distro.find("ubuntu" if ubuntu else "debian")


def _base(request: Request, how: str, app: Project | None) -> str:
    exact = request.version.count(".") > 1 and not choice.names_sdk(request)
    version = request.version if exact else request.release.major
    return (
        f"{_IMAGES}/{choice.repository(request, how, app)}:{version}{'-' if request.variant else ''}{request.variant}"
    )


def _builder(request: Request, how: str) -> str:
    written = request.options.get("sdk")
    if isinstance(written, str):
        return written
    parts = [request.version if choice.names_sdk(request) else request.release.major, _FLAVOUR.sub("", request.variant)]
    if how == "aot" and choice.major(request) >= _AOT_IMAGES_SINCE:
        parts.append("aot")
    return f"{_IMAGES}/sdk:{'-'.join(part for part in parts if part)}"


def _compiler(request: Request) -> tuple[str, ...]:
    """What compiles to machine code, where the SDK's image hasn't got it."""
    if choice.major(request) >= _AOT_IMAGES_SINCE and "sdk" not in request.options:
        return ()
    return ("build-base", "clang", "zlib-dev") if "alpine" in request.variant else ("clang", "zlib1g-dev")


def _environment(request: Request, app: Project | None) -> dict[str, str]:
    """Before 8.0, ASP.NET Core listened on port 80, which only root may."""
    if choice.major(request) >= _PORT_8080_SINCE or choice.repository(request, "framework", app) == "runtime":
        return {}
    return {"ASPNETCORE_URLS": "http://+:8080"}


def _manifests(wanted: tuple[Project, ...]) -> tuple[str, ...]:
    if not wanted:
        # nothing is known of the projects: all of the sources, so that restoring finds them
        return (".",)
    return project.restore_files(tuple(part for one in wanted for part in project.closure(one)))


def _target(request: Request, app: Project | None) -> str:
    return app.path if app else request.app or "."


def _assembly(request: Request, app: Project | None) -> str:
    if app is not None:
        return app.own("AssemblyName") or app.name
    return posixpath.splitext(posixpath.basename(posixpath.normpath(request.app or "App")))[0]


def _is_locked(app: Project | None) -> bool:
    return app is not None and any(one.lock for one in project.closure(app))


def _platform(request: Request) -> str:
    """The flag that names the platform which is built for; SDKs before 8 don't know Docker's names."""
    if choice.major(request) >= _PORT_8080_SINCE:
        return '-a "$TARGETARCH"'
    system = "linux-musl" if "alpine" in request.variant else "linux"
    return f'-r {system}-"$(case "$TARGETARCH" in amd64) echo x64 ;; *) echo "$TARGETARCH" ;; esac)"'


def _properties(request: Request, how: str, *, aimed: bool) -> list[str]:
    own = request.options.get("properties")
    written = [*_PROPERTIES[str(request.options.get("deploy", "framework"))], *(own if isinstance(own, list) else ())]
    if aimed and how == "framework" and choice.major(request) < _PORT_8080_SINCE:
        written.append("SelfContained=false")  # which naming a platform changed before SDK 8
    return [f"-p:{shlex.quote(str(one))}" for one in written]


def _restore(request: Request, how: str, app: Project | None, target: str, *, aimed: bool) -> str:
    words = ["dotnet restore", *(["--locked-mode"] if _is_locked(app) else [])]
    return " ".join([*words, *([_platform(request)] if aimed else []), *_properties(request, how, aimed=aimed), target])


def _restore_all(request: Request, app: Project | None) -> tuple[str, ...]:
    """What `dotnet watch` and `dotnet test` need: the app and its tests, for the platform that they run on."""
    wanted = (app, *project.tests(request, app)) if app else (None,)
    commands = []
    for locked in (False, True):
        paths = [shlex.quote(_target(request, one)) for one in wanted if locked == _is_locked(one)]
        restore = f"dotnet restore{' --locked-mode' if locked else ''}"
        if len(paths) > 1:
            commands.append(f'for project in {" ".join(paths)}; do {restore} "$project" || exit 1; done')
        else:
            commands += [f"{restore} {path}" for path in paths]
    return tuple(commands)


def _publish(request: Request, how: str, app: Project | None, target: str, *, aimed: bool) -> str:
    words = ["dotnet publish --no-restore -c Release"]
    if app and (wanted := _framework(request, app)):
        words.append(f"-f {wanted}")
    if aimed:
        words.append(_platform(request))
    words += _properties(request, how, aimed=aimed)
    if how == "framework" and not choice.is_single_file(app):
        words.append("-p:UseAppHost=false")
    return " ".join([*words, f"-o {_OUT}", target])


def _framework(request: Request, app: Project) -> str:
    """The target framework that is published, where the project has several."""
    if not app.value("TargetFrameworks"):
        return ""
    return next((name for name in app.frameworks if project.framework_version(name) == choice.version(request)), "")


LANGUAGE = Language(
    name="dotnet",
    title=".NET",
    image=f"{_IMAGES}/aspnet",
    releases=load_releases("dotnet"),
    ignore=("bin", "obj", ".vs", ".idea", "*.user", "TestResults"),
    recipe=_recipe,
    check=checks.check,
    context_files=(
        *(f"**/*{ending}" for ending in project.PROJECTS),
        "**/*.props",
        "**/*.targets",
        "**/packages.lock.json",
        "**/[Nn]u[Gg]et.[Cc]onfig",
        "global.json",
    ),
    options={
        "deploy": Option(
            kind="choice",
            choices=_DEPLOYMENTS,
            summary="How the app is shipped: on the image's .NET (`framework`), with its own, trimmed, or compiled to"
            " machine code; by default as the project says.",
        ),
        "framework": Option(
            kind="choice",
            choices=("aspnet", "runtime"),
            summary="The image that runs: with ASP.NET Core or without; by default as the projects tell.",
        ),
        "probe": Option(
            kind="choice",
            choices=tuple(_PROBES_BY_NAME),
            summary="The program that `healthcheck.http` uses, which is installed; Alpine has wget.",
        ),
        "properties": Option(
            kind="words",
            pattern=r"[A-Za-z_][\w.]*=[^\n]*",
            expects="a list of NAME=VALUE",
            summary="MSBuild properties for restoring and publishing, as NAME=VALUE.",
        ),
        "sdk": Option(
            kind="text",
            pattern=r"[^\s$]+",
            expects="the name of an image",
            summary="The image that builds, in place of Microsoft's SDK.",
        ),
    },
)
