"""What the files of a .NET code base say: its projects, what they are, and what they refer to.

Project files are read with patterns, not as MSBuild reads them: properties with a condition or a variable in them count
as not known. Sources: https://learn.microsoft.com/dotnet/core/project-sdk/overview and
https://learn.microsoft.com/visualstudio/msbuild/customize-by-directory (read 2026-11-24).
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from envgen.runtimes.language import Request

PROJECTS = (".csproj", ".fsproj", ".vbproj")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SDK = re.compile(r"<Project\b[^>]*\bSdk\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_REFERENCE = re.compile(r"<(Project|Package|Framework)Reference\b[^>]*?\bInclude\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_IMPORT = re.compile(r"<Import\b[^>]*\bProject\s*=\s*[\"']([^\"']+)[\"'][^>]*>", re.IGNORECASE)
_HERE = re.compile(r"\$\(MSBuildThisFileDirectory\)[\\/]?", re.IGNORECASE)
_FRAMEWORK = re.compile(r"net(?:coreapp)?(\d+)\.(\d+)")
_TESTS = re.compile(r"Microsoft\.NET\.Test\.Sdk|xunit(?:\.v3)?|NUnit|MSTest|MSTest\.TestFramework|TUnit", re.IGNORECASE)
_TOOLS = re.compile(r"BenchmarkDotNet|Aspire\.Hosting\.AppHost|Nuke\.Common", re.IGNORECASE)
_NO_APPS = re.compile(r"Aspire\.AppHost\.Sdk|MSTest\.Sdk|Microsoft\.NET\.Sdk\.BlazorWebAssembly", re.IGNORECASE)
_SETTINGS = ("Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props")
_FEEDS = re.compile(r"nuget\.config", re.IGNORECASE)
# folders that envgen doesn't search; a project there may exist all the same
_UNREAD = frozenset({"bin", "build", "dist", "obj", "target", "vendor", "venv"})


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project file; `path` is relative to the context."""

    path: str
    request: Request

    @property
    def folder(self) -> str:
        """The folder that it is in; "" for the context itself."""
        return posixpath.dirname(self.path)

    @property
    def name(self) -> str:
        """Its name, which its assembly has, too, unless it says otherwise."""
        return posixpath.splitext(posixpath.basename(self.path))[0]

    @cached_property
    def text(self) -> str:
        """What is written in it, without comments."""
        return _COMMENT.sub("", self.request.text(self.path))

    @cached_property
    def sdk(self) -> str:
        """The SDK that it names, such as `Microsoft.NET.Sdk.Web`; "" for a project of the .NET Framework's time."""
        found = _SDK.search(self.text)
        return found[1].partition("/")[0] if found else ""

    def own(self, name: str) -> str:
        """A property as the project file itself says it; "" where it doesn't, or by a variable."""
        return _property(self.text, name)

    def value(self, name: str) -> str:
        """A property of the project, or of the nearest Directory.Build.props that has it."""
        above = (self.request.text(path) for path in _upwards(self.folder, "Directory.Build.props"))
        return next((found for text in (self.text, *above) if (found := _property(_COMMENT.sub("", text), name))), "")

    def says(self, name: str) -> bool:
        """Whether a property is true."""
        return self.value(name).lower() == "true"

    @cached_property
    def frameworks(self) -> tuple[str, ...]:
        """What it is built for, such as `net10.0`."""
        written = (
            self.value("TargetFrameworks") or self.value("TargetFramework") or self.value("TargetFrameworkVersion")
        )
        return tuple(part.strip() for part in written.split(";") if part.strip())

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """The packages and shared frameworks that it refers to."""
        return tuple(name for kind, name in _REFERENCE.findall(self.text) if kind.lower() != "project")

    @cached_property
    def references(self) -> tuple[str, ...]:
        """The projects that it refers to, as paths in the context; those that a variable names are left out."""
        written = (path for kind, path in _REFERENCE.findall(self.text) if kind.lower() == "project")
        plain = (path for path in written if not re.search(r"[$*%]", path) and path.lower().endswith(PROJECTS))
        return tuple(_inside(self.folder, path) for path in plain)

    @property
    def is_test(self) -> bool:
        """Whether it holds tests."""
        return self.says("IsTestProject") or any(map(_TESTS.fullmatch, self.packages)) or "MSTest.Sdk" in self.sdk

    @property
    def is_app(self) -> bool:
        """Whether it is a program that can be published and run."""
        if self.is_test or self.value("IsPublishable").lower() == "false" or any(map(_TOOLS.fullmatch, self.packages)):
            return False
        if _NO_APPS.search(self.text) or not self.sdk:
            return False
        return self.sdk in {"Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.Worker"} or self.value("OutputType") == "Exe"

    @property
    def needs_aspnet(self) -> bool:
        """Whether it needs ASP.NET Core's shared framework, as far as its own file tells."""
        return self.sdk == "Microsoft.NET.Sdk.Web" or any("AspNetCore" in name for name in self.packages)

    @property
    def lock(self) -> str:
        """The text of its lock file; "" without one."""
        return self.request.text(posixpath.join(self.folder, "packages.lock.json"))


def projects(request: Request) -> tuple[Project, ...]:
    """All projects in the context."""
    paths = sorted(path for ending in PROJECTS for path in request.matching(f"*{ending}"))
    return tuple(Project(path=path, request=request) for path in paths)


def apps(request: Request) -> tuple[Project, ...]:
    """The projects that can be published."""
    return tuple(project for project in projects(request) if project.is_app)


def chosen(request: Request) -> Project | None:
    """The project that is published: the one that `build.app` names by path, folder or name, or the only app."""
    if request.app is None:
        found = apps(request)
        return found[0] if len(found) == 1 else None
    wanted = posixpath.normpath(request.app)
    for project in projects(request):
        if wanted in {project.path, project.folder or ".", project.name}:
            return project
    return None


def closure(project: Project) -> tuple[Project, ...]:
    """A project and all that it refers to, as far as they are in the context; sorted by path."""
    found, waiting = {project.path: project}, [project]
    while waiting:
        for path in waiting.pop().references:
            if path not in found and project.request.has(path):
                found[path] = Project(path=path, request=project.request)
                waiting.append(found[path])
    return tuple(found[path] for path in sorted(found))


def tests(request: Request, app: Project) -> tuple[Project, ...]:
    """The test projects that test an app, or something that it is made of."""
    parts = {project.path for project in closure(app)}
    return tuple(
        project for project in projects(request) if project.is_test and parts & {one.path for one in closure(project)}
    )


def missing(project: Project) -> Iterator[tuple[str, str]]:
    """The references of a project that a build wouldn't find: the path, and that in another case if there is one."""
    known = {path.lower(): path for path in project.request.files or {}}
    for path in project.references:
        outside = path.startswith("..")
        if outside or not (project.request.has(path) or _UNREAD & set(path.split("/"))):
            yield path, "" if outside else known.get(path.lower(), "")


def restore_files(several: tuple[Project, ...]) -> tuple[str, ...]:
    """What restoring projects reads: the project files, lock files, and settings in the folders above them."""
    request = several[0].request
    found: dict[str, None] = dict.fromkeys(["global.json"] if request.has("global.json") else ())
    for project in several:
        own = [path for name in _SETTINGS for path in _upwards(project.folder, name) if request.has(path)]
        folders = {posixpath.dirname(path) for path in _upwards(project.folder, "x")}
        own += [path for path in request.matching("*") if _is_feed(path, folders)]
        own += [project.path, *(_lock_files(project))]
        waiting = [*own]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path] = None
                waiting += _imports(path, request)
    return tuple(sorted(found, key=lambda path: (path.count("/"), path)))


def feeds(request: Request) -> tuple[str, ...]:
    """The files that say where packages come from."""
    return tuple(path for path in request.matching("*") if _FEEDS.fullmatch(posixpath.basename(path)))


def framework_version(framework: str) -> tuple[int, int] | None:
    """The version of .NET that a target framework is for: (10, 0) of `net10.0`; None for any other."""
    found = _FRAMEWORK.fullmatch(framework)
    return (int(found[1]), int(found[2])) if found else None


def _property(text: str, name: str) -> str:
    found = re.search(rf"<{name}>\s*([^<$]+?)\s*</{name}>", text, re.IGNORECASE)
    return found[1] if found else ""


def _inside(folder: str, written: str) -> str:
    return posixpath.normpath(posixpath.join(folder, written.replace("\\", "/")))


def _upwards(folder: str, name: str) -> Iterator[str]:
    """A file's name in a folder and all those above it, the nearest first."""
    while folder:
        yield posixpath.join(folder, name)
        folder = posixpath.dirname(folder)
    yield name


def _is_feed(path: str, folders: set[str]) -> bool:
    return posixpath.dirname(path) in folders and _FEEDS.fullmatch(posixpath.basename(path)) is not None


def _lock_files(project: Project) -> Iterator[str]:
    path = posixpath.join(project.folder, "packages.lock.json")
    if project.request.has(path):
        yield path


def _imports(path: str, request: Request) -> Iterator[str]:
    """The files of its own that a project or settings file imports."""
    if not path.endswith((".props", ".targets", *PROJECTS)):
        return
    for match in _IMPORT.finditer(_COMMENT.sub("", request.text(path))):
        written = _HERE.sub("", match[1])
        imported = _inside(posixpath.dirname(path), written)
        if "$" not in written and not imported.startswith("..") and request.has(imported):
            yield imported
