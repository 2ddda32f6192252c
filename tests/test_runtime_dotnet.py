"""What is read from .NET projects, and which commands and images come of it."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgen.plan import Context, Plan, resolve
from envgen.render import render
from envgen.runtimes import Recipe, Request
from envgen.runtimes.dotnet import LANGUAGE as DOTNET
from envgen.source import parse
from envgen.spec import load

Files = Mapping[str, str | None]
LOCK = '{"version": 1, "dependencies": {"net10.0": {}}}'
LOCK_OF_LINUX = '{"version": 1, "dependencies": {"net10.0": {}, "net10.0/linux-x64": {}}}'


def csproj(
    properties: str = "", items: str = "", sdk: str = "Microsoft.NET.Sdk.Web", framework: str = "net10.0"
) -> str:
    """A project file with further properties and items."""
    target = f"<TargetFramework>{framework}</TargetFramework>" if framework else ""
    inside = f"<PropertyGroup>{target}{properties}</PropertyGroup><ItemGroup>{items}</ItemGroup>"
    return f'<Project Sdk="{sdk}">{inside}</Project>'


def refers(*paths: str) -> str:
    return "".join(f'<ProjectReference Include="{path}" />' for path in paths)


def uses(*packages: str) -> str:
    return "".join(f'<PackageReference Include="{name}" />' for name in packages)


LIBRARY = csproj(sdk="Microsoft.NET.Sdk")
WEB: Files = {"Api.csproj": csproj()}
CONSOLE = csproj("<OutputType>Exe</OutputType>", sdk="Microsoft.NET.Sdk")
TESTS = csproj(items=uses("Microsoft.NET.Test.Sdk") + refers(r"..\..\src\Core\Core.csproj"), sdk="Microsoft.NET.Sdk")
SHOP: Files = {
    "Directory.Build.props": '<Project><Import Project="eng/Common.props" /></Project>',
    "eng/Common.props": "<Project />",
    "eng/Unused.props": "<Project />",
    "Directory.Packages.props": "<Project />",
    "NuGet.Config": "<configuration />",
    "global.json": "{}",
    "src/Api/Api.csproj": csproj(items=refers(r"..\Core\Core.csproj")),
    "src/Core/Core.csproj": LIBRARY,
    "src/Other/Other.csproj": LIBRARY,
    "src/Other/NuGet.Config": "<configuration />",
    "tests/Core.Tests/Core.Tests.csproj": TESTS,
    "tests/Other.Tests/Other.Tests.csproj": csproj(items=uses("xunit") + refers("../../src/Other/Other.csproj"),
                                                   sdk="Microsoft.NET.Sdk"),
}  # fmt: skip


def asked(files: Files | None = None, version: str = "10.0", **more: object) -> Request:
    release = DOTNET.release(version)
    assert release is not None
    known = {"version": version, "variant": release.default_variant, "files": files}
    return Request(release=release, **{**known, **more})  # type: ignore[arg-type]


def recipe(files: Files | None = None, version: str = "10.0", **more: object) -> Recipe:
    return DOTNET.recipe(asked(files, version, **more))


def troubles(files: Files, version: str = "10.0", **more: object) -> list[str]:
    return [f"{one.file}: {one.message}" for one in DOTNET.check(asked(files, version, **more))]


def plan_of(service: str, files: Files = WEB) -> Plan:
    spec = load(parse(f"envgen: 1\nname: shop\nservices:\n  api: {{{service}}}\n", "envgen.yaml"))
    return resolve(spec, {".": Context(files=dict(files))})


def dockerfile(service: str, files: Files = WEB) -> str:
    return next(made.text for made in render(plan_of(service, files)) if made.path.endswith("Dockerfile"))


@pytest.mark.parametrize(
    ("project", "base"),
    [
        (csproj(), "aspnet"),
        (CONSOLE, "runtime"),
        (csproj(sdk="Microsoft.NET.Sdk.Worker"), "runtime"),
        (csproj("<OutputType>Exe</OutputType>", uses("Serilog.AspNetCore"), sdk="Microsoft.NET.Sdk"), "aspnet"),
        (csproj("<OutputType>Exe</OutputType>", '<FrameworkReference Include="Microsoft.AspNetCore.App" />',
                sdk="Microsoft.NET.Sdk"), "aspnet"),
        (csproj("<PublishAot>true</PublishAot>"), "runtime-deps"),
        (csproj("<SelfContained>true</SelfContained>"), "runtime-deps"),
        (csproj("<!-- <SelfContained>true</SelfContained> -->"), "aspnet"),
    ],
)  # fmt: skip
def test_the_project_tells_the_image_that_runs(project: str, base: str) -> None:
    found = recipe({"Api.csproj": project}).base
    assert found == f"mcr.microsoft.com/dotnet/{base}:10.0-noble-chiseled-extra"


def test_a_library_that_needs_asp_net_makes_its_app_need_it() -> None:
    files = {
        "App.csproj": csproj("<OutputType>Exe</OutputType>", refers("Web/Web.csproj"), sdk="Microsoft.NET.Sdk"),
        "Web/Web.csproj": csproj(items=uses("OpenTelemetry.Instrumentation.AspNetCore"), sdk="Microsoft.NET.Sdk"),
    }
    assert "/aspnet:" in recipe(files).base
    assert "/runtime:" in recipe(files, options={"framework": "runtime"}).base


@pytest.mark.parametrize(
    ("version", "variant", "base", "builder"),
    [
        ("10.0", "noble-chiseled-extra", "aspnet:10.0-noble-chiseled-extra", "sdk:10.0-noble"),
        ("10", "noble", "aspnet:10.0-noble", "sdk:10.0-noble"),
        ("10.0.11", "alpine3.24-composite-extra", "aspnet:10.0.11-alpine3.24-composite-extra", "sdk:10.0-alpine3.24"),
        ("10.0.400", "alpine-extra", "aspnet:10.0-alpine-extra", "sdk:10.0.400-alpine"),
        ("8.0", "jammy-chiseled-composite", "aspnet:8.0-jammy-chiseled-composite", "sdk:8.0-jammy"),
        ("9.0", "bookworm-slim", "aspnet:9.0-bookworm-slim", "sdk:9.0-bookworm-slim"),
        ("10.0", "", "aspnet:10.0", "sdk:10.0"),
    ],
)
def test_the_sdk_is_of_the_same_distribution(version: str, variant: str, base: str, builder: str) -> None:
    made = recipe(WEB, version, variant=variant)
    assert (made.base, made.builder) == (f"mcr.microsoft.com/dotnet/{base}", f"mcr.microsoft.com/dotnet/{builder}")


@pytest.mark.parametrize(
    ("variant", "version", "distribution", "shell"),
    [("noble", "10.0", "ubuntu", True), ("resolute", "10.0", "ubuntu", True), ("alpine", "10.0", "alpine", True),
     ("", "10.0", "ubuntu", True), ("", "8.0", "debian", True), ("bookworm-slim", "9.0", "debian", True),
     ("noble-chiseled", "10.0", "chiseled", False)],
)  # fmt: skip
def test_the_variant_tells_the_distribution(variant: str, version: str, distribution: str, shell: bool) -> None:  # noqa: FBT001 - a parameter of the case
    found = recipe(WEB, version, variant=variant).distro
    assert (found.name, found.shell) == (distribution, shell)


def test_restoring_sees_what_it_reads_and_no_sources() -> None:
    made = recipe(SHOP)
    assert made.manifests == (
        "Directory.Build.props", "Directory.Packages.props", "NuGet.Config", "global.json",
        "eng/Common.props", "src/Api/Api.csproj", "src/Core/Core.csproj",
    )  # fmt: skip
    assert set(made.dev_manifests) == {*made.manifests, "tests/Core.Tests/Core.Tests.csproj"}
    assert made.install_all == ('dotnet restore -a "$TARGETARCH" src/Api/Api.csproj',)
    both = "src/Api/Api.csproj tests/Core.Tests/Core.Tests.csproj"
    assert made.install_dev == (f'for project in {both}; do dotnet restore "$project" || exit 1; done',)


def test_packages_lie_in_a_layer_and_not_in_a_cache_mount() -> None:
    """`--no-restore` fails where a machine has the layer, but not the mount (dotnet/dotnet-docker issue 3353)."""
    made = recipe(WEB)
    packages = made.build_environment["NUGET_PACKAGES"]
    assert not any(packages.startswith(cache) for cache in (*made.caches, *made.build_caches))
    assert "--no-restore" in made.build[0]


@pytest.mark.parametrize(
    ("files", "more", "published"),
    [
        (WEB, {}, 'dotnet publish --no-restore -c Release -a "$TARGETARCH" -p:UseAppHost=false -o /out Api.csproj'),
        ({**WEB, "packages.lock.json": LOCK}, {},
         "dotnet publish --no-restore -c Release -p:UseAppHost=false -o /out Api.csproj"),
        ({**WEB, "packages.lock.json": LOCK_OF_LINUX}, {},
         'dotnet publish --no-restore -c Release -a "$TARGETARCH" -p:UseAppHost=false -o /out Api.csproj'),
        (WEB, {"version": "6.0"},
         "dotnet publish --no-restore -c Release -p:UseAppHost=false -o /out Api.csproj"),
        ({"Api.csproj": csproj("<TargetFrameworks>net8.0;net10.0</TargetFrameworks>", framework="")}, {},
         'dotnet publish --no-restore -c Release -f net10.0 -a "$TARGETARCH" -p:UseAppHost=false -o /out Api.csproj'),
        (WEB, {"options": {"deploy": "trimmed", "properties": ["Version=1.2 b"]}},
         ('dotnet publish --no-restore -c Release -a "$TARGETARCH" -p:SelfContained=true -p:PublishTrimmed=true'
         " -p:'Version=1.2 b' -o /out Api.csproj")),
        ({"Api.csproj": csproj("<PublishAot>true</PublishAot>")}, {},
         'dotnet publish --no-restore -c Release -a "$TARGETARCH" -o /out Api.csproj'),
        ({"Api.csproj": csproj("<PublishSingleFile>true</PublishSingleFile>", framework="net7.0")},
         {"version": "7.0", "variant": "alpine"},
         ('dotnet publish --no-restore -c Release -r linux-musl-'
          '"$(case "$TARGETARCH" in amd64) echo x64 ;; *) echo "$TARGETARCH" ;; esac)"'
         " -p:SelfContained=false -o /out Api.csproj")),
    ],
)  # fmt: skip
def test_what_is_published(files: Files, more: dict[str, object], published: str) -> None:
    assert recipe(files, **more).build == (published,)  # type: ignore[arg-type]


def test_restoring_and_publishing_agree_on_platform_and_properties() -> None:
    made = recipe(WEB, options={"deploy": "self-contained", "properties": ["A=b"]})
    flags = '-a "$TARGETARCH" -p:SelfContained=true -p:A=b'
    assert flags in made.install_all[0]
    assert flags in made.build[0]


def test_lock_files_are_obeyed() -> None:
    made = recipe({**WEB, "packages.lock.json": LOCK})
    assert made.install_all == ("dotnet restore --locked-mode Api.csproj",)
    assert made.arguments == ()
    assert "packages.lock.json" in made.manifests


@pytest.mark.parametrize(
    ("project", "command"),
    [
        (csproj(), ("dotnet", "Api.dll")),
        (csproj("<AssemblyName>Shop.Api</AssemblyName>"), ("dotnet", "Shop.Api.dll")),
        (csproj("<AssemblyName>$(Company).Api</AssemblyName>"), ("dotnet", "Api.dll")),
        (csproj("<PublishAot>true</PublishAot>"), ("/app/Api",)),
        (csproj("<PublishSingleFile>true</PublishSingleFile>"), ("/app/Api",)),
    ],
)
def test_the_container_runs_the_app(project: str, command: tuple[str, ...]) -> None:
    assert recipe({"Api.csproj": project}).command == command


def test_machine_code_is_made_with_a_compiler_and_on_its_own_platform() -> None:
    files = {"Api.csproj": csproj("<PublishAot>true</PublishAot>", framework="net8.0")}
    assert recipe(files, "8.0").build_packages == ("clang", "zlib1g-dev")
    newer = recipe(files, "10.0")
    assert (newer.build_packages, newer.builder) == ((), "mcr.microsoft.com/dotnet/sdk:10.0-noble-aot")
    assert not newer.cross
    assert newer.finish == ("rm -f /out/*.dbg",)


def test_the_entrypoint_of_chiselled_images_is_taken_away() -> None:
    """`runtime` and `aspnet` have `dotnet` as theirs, which would run `dotnet dotnet Api.dll`."""
    assert '\nENTRYPOINT []\n\nCMD ["dotnet", "Api.dll"]' in dockerfile("uses: dotnet@10.0")
    assert "ENTRYPOINT" not in dockerfile("uses: {language: dotnet, version: '10.0', variant: noble}")
    assert "ENTRYPOINT" not in dockerfile("uses: dotnet@10.0, build: {options: {deploy: self-contained}}")


def test_the_image_runs_as_its_own_user_and_makes_none() -> None:
    for variant in ("noble", "alpine"):
        text = dockerfile(f"uses: {{language: dotnet, version: '10.0', variant: {variant}}}, build: {{target: dev}}, "
                          "command: [dotnet, watch]")  # fmt: skip
        assert text.count("USER 1654:1654") == 2
        assert "useradd" not in text
        assert "adduser" not in text


def test_images_before_8_get_a_user_and_a_port_that_it_may_listen_on() -> None:
    old = "{language: dotnet, version: '6.0', eol: {allow: true, reason: x}}"
    text = dockerfile(f"uses: {old}", {"Api.csproj": csproj(framework="net6.0")})
    assert "useradd" in text
    assert "USER 10001:10001" in text
    assert "ASPNETCORE_URLS=http://+:8080" in text
    assert "ASPNETCORE_URLS" not in dockerfile("uses: dotnet@10.0")


def test_platforms_are_built_on_the_machine_that_builds() -> None:
    text = dockerfile("uses: dotnet@10.0, build: {platforms: [linux/amd64, linux/arm64]}")
    assert "FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS builder" in text
    text = dockerfile("uses: dotnet@10.0, build: {platforms: [linux/amd64], options: {deploy: aot}}")
    assert "BUILDPLATFORM" not in text


@pytest.mark.parametrize(
    ("variant", "options", "program", "packages"),
    [
        ("alpine", {}, "wget", ()),
        ("alpine", {"probe": "curl"}, "curl", ("curl",)),
        ("noble", {"probe": "curl"}, "curl", ("curl",)),
        ("noble", {}, None, ()),
        ("noble-chiseled", {"probe": "curl"}, None, ("curl",)),
    ],
)
def test_http_probes(variant: str, options: dict[str, str], program: str | None, packages: tuple[str, ...]) -> None:
    made = recipe(WEB, variant=variant, options=options)
    assert (made.http_probe(8080, "/")[0] if made.http_probe else None) == program
    assert made.packages == packages


SDK_100 = '{"sdk": {"version": "10.0.100"}}'


@pytest.mark.parametrize(
    ("files", "version", "more", "message"),
    [
        (WEB, "10.0", {}, None),
        (SHOP, "10.0", {}, None),
        ({}, "10.0", {}, ".: there is no project"),
        (SHOP, "10.0", {"app": "src/Api"}, None),
        (SHOP, "10.0", {"app": "src/Api/Api.csproj"}, None),
        (SHOP, "10.0", {"app": "Api"}, None),
        (SHOP, "10.0", {"app": "src/Apo"}, "src/Apo: there is no such project"),
        ({"A.csproj": csproj(), "b/B.fsproj": CONSOLE}, "10.0", {}, ".: there are several apps: A.csproj, b/B.fsproj"),
        ({"A.csproj": LIBRARY}, "10.0", {}, "A.csproj: no project here is an app"),
        ({"A.csproj": csproj(), "B.csproj": csproj("<OutputType>Exe</OutputType>", uses("BenchmarkDotNet"))},
         "10.0", {}, None),
        ({"A.csproj": csproj(), "B.csproj": csproj(items=uses("xunit.v3"))}, "10.0", {}, None),
        ({"A.csproj": csproj(), "B.csproj": csproj("<IsPublishable>false</IsPublishable>")}, "10.0", {}, None),
        ({"A.csproj": "<Project ToolsVersion='15.0'><TargetFrameworkVersion>v4.5.2</TargetFrameworkVersion></Project>"},
         "10.0", {}, "A.csproj: it is a project of the .NET Framework"),
        ({"A.csproj": csproj(framework="net48")}, "10.0", {}, "A.csproj: it is a project of the .NET Framework"),
        ({"A.csproj": csproj(framework="net10.0-windows")}, "10.0", {}, "A.csproj: it targets net10.0-windows"),
        (WEB, "9.0", {}, "Api.csproj: it targets net10.0, which the SDK of 9.0 can't build"),
        ({"A.csproj": csproj(framework="net8.0")}, "10.0", {}, "A.csproj: it targets net8.0, and the image has"),
        ({"A.csproj": csproj("<RollForward>Major</RollForward>", framework="net8.0")}, "10.0", {}, None),
        ({"A.csproj": csproj("<SelfContained>true</SelfContained>", framework="net8.0")}, "10.0", {}, None),
        ({"A.csproj": csproj(framework="$(Shared)")}, "10.0", {}, None),
        ({"a/A.csproj": csproj(framework=""), "Directory.Build.props":
          "<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>"},
         "10.0", {}, "a/A.csproj: it targets net8.0"),
        ({"A.csproj": csproj("<TargetFrameworks>net8.0;net9.0</TargetFrameworks>", framework="")}, "10.0", {},
         "A.csproj: it targets net8.0;net9.0, but not the image's 10.0"),
        ({"A.csproj": csproj(framework="netcoreapp3.1")}, "3.1", {}, None),
        ({"A.csproj": csproj(items=refers(r"..\Core\Core.csproj"))}, "10.0", {},
         "A.csproj: it refers to a project outside"),
        ({"a/A.csproj": csproj(items=refers(r"..\core\Core.csproj")), "Core/Core.csproj": LIBRARY}, "10.0", {},
         "a/A.csproj: it refers to core/Core.csproj, which is not there"),
        ({"a/A.csproj": csproj(items=refers(r"..\build\Tool.csproj", "$(Root)/X.csproj"))}, "10.0", {}, None),
        ({**WEB, "global.json": SDK_100}, "10.0", {}, "global.json: it asks for SDK 10.0.100, and the image has"),
        ({**WEB, "global.json": SDK_100}, "10.0.100", {}, None),
        ({**WEB, "global.json": SDK_100.replace("}}", ', "rollForward": "latestFeature"}}')}, "10.0", {}, None),
        ({**WEB, "global.json": SDK_100.replace("10.0", "9.0")}, "10.0", {}, "global.json: it asks for SDK 9.0.100"),
        ({**WEB, "global.json": '{"sdk": {"version": "9.0.100", "rollForward": "latestMajor"}}'}, "10.0", {}, None),
        ({**WEB, "global.json": '{"sdk": {"version": "11.0.100", "rollForward": "latestMajor"}}'}, "10.0", {},
         "global.json: it asks for SDK 11.0.100"),
        ({**WEB, "global.json": '{"msbuild-sdks": {}}'}, "10.0", {}, None),
        ({**WEB, "global.json": "["}, "10.0", {}, None),
        ({**WEB, "nuget.config": '<add key="ClearTextPassword" value="hunter2" />'}, "10.0", {},
         "nuget.config: it holds a password"),
        ({**WEB, "nuget.config": '<add key="ClearTextPassword" value="%TOKEN%" />'}, "10.0", {}, None),
        ({**WEB, "packages.lock.json": LOCK}, "10.0", {"options": {"deploy": "aot"}},
         "packages.lock.json: it names no platform"),
        ({"A.csproj": CONSOLE}, "10.0", {"variant": "noble-chiseled-composite"},
         "A.csproj: only images of ASP.NET Core"),
        ({"A.csproj": csproj(sdk="Microsoft.NET.Sdk.BlazorWebAssembly")}, "10.0", {"app": "."},
         "A.csproj: it runs in the browser"),
    ],
)  # fmt: skip
def test_what_a_build_would_trip_over(files: Files, version: str, more: dict[str, object], message: str | None) -> None:
    found = troubles(files, version, **more)
    assert (len(found) == 1 and found[0].startswith(message)) if message else found == []


def test_each_release_has_an_image_of_its_default_and_of_the_sdk_that_goes_with_it() -> None:
    for release in DOTNET.releases.values():
        assert release.default_variant in release.variants
        assert str(release.facts["sdk"]).startswith(f"{release.major}.")
        assert DOTNET.release(release.major.partition(".")[0]) is release or release.major == "3.1"


@given(
    st.dictionaries(
        st.sampled_from(["A.csproj", "a/B.fsproj", "global.json", "nuget.config", "packages.lock.json",
                         "Directory.Build.props", "a/packages.lock.json"]),
        st.one_of(st.text(max_size=80), st.sampled_from([csproj(), CONSOLE, TESTS, LOCK, SDK_100, '{"sdk": []}',
                                                        csproj(items=refers("a/B.fsproj", "A.csproj"))])),
    ),
    st.sampled_from([None, "a", "A.csproj", "../x"]),
)  # fmt: skip
def test_no_file_of_a_code_base_makes_it_fail(files: dict[str, str], app: str | None) -> None:
    made = recipe(files, app=app)
    assert made.command
    assert made.install_all
    assert isinstance(troubles(files, app=app), list)
