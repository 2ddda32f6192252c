"""Go with modules.

Sources: the official image (https://github.com/docker-library/golang: GOPATH /go, GOTOOLCHAIN=local, no C compiler in
Alpine's), distroless images (https://github.com/GoogleContainerTools/distroless: static-debian12 and -debian13 hold CA
certificates and time zones, base-debian12 and -debian13 glibc, too), https://go.dev/ref/mod, https://go.dev/doc/toolchain,
https://go.dev/doc/gc-guide (GOMEMLIMIT) and https://pkg.go.dev/time/tzdata. Read 2026-11-24; builds on an engine.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from envgen.runtimes import _go_project as project
from envgen.runtimes import _probes, distro
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Request, Trouble, load_releases

_MODULES, _BUILD_CACHE = "/go/pkg/mod", "/root/.cache/go-build"
_BINARY_FOLDER = "/out"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_MEBIBYTE = 1024 * 1024
# the limit is soft: what the runtime doesn't count (stacks of C, memory maps) needs some room
_HEAP_SHARE = 0.9
_BASES = ("distroless", "scratch", "slim")
# releases of Debian that distroless images are made of; older builders' programs run on the older one
_DISTROLESS: Mapping[str, str] = {"trixie": "13"}
_OLDER_DISTROLESS = "12"
_GO_LINE = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_REFUSES_NEWER_SINCE = (1, 21)  # https://go.dev/doc/toolchain: until then, a newer `go` line was only a note
_CHANGES_FOLDER_SINCE = (1, 20)  # https://go.dev/doc/go1.20#go-command: -C
_TIDY = "run `go mod tidy`, and commit go.sum"


def _recipe(request: Request) -> Recipe:
    built, cgo = project.chosen(request), request.options.get("cgo") is True
    alpine = "alpine" in request.variant
    wanted = request.options.get("base", "slim" if alpine and cgo else "distroless")
    static = cgo and (wanted == "scratch" or (wanted == "distroless" and alpine))
    base, family = _base(request, str(wanted), glibc=cgo and not static)
    target = "GOOS=$TARGETOS GOARCH=$TARGETARCH " if request.platforms and not cgo else ""
    output = f"{_BINARY_FOLDER}/{built.name}"
    where = "" if built.module == "." else f" -C {shlex.quote(built.module)}"
    flags = _flags(request, static=static, zones=wanted == "scratch")
    named = request.builds and request.selects
    return Recipe(
        base=base,
        distro=family,
        builder=request.image or LANGUAGE.image_reference(request.version, request.variant),
        builder_distro=Distro.of_variant(request.variant),
        cross=not cgo,
        arguments=("TARGETOS", "TARGETARCH") if target else (),
        build_environment={"CGO_ENABLED": "1" if cgo else "0"},
        dev_environment=_DEVELOPMENT,
        test_environment=_DEVELOPMENT,
        manifests=_manifests(request),
        install_all=() if request.has(_vendored(built.module)) else (f"go mod download{where}",),
        build=(f"{target}go build{where} {flags} -o {shlex.quote(output)} {shlex.quote(built.package)}",),
        caches=(_MODULES,),
        build_caches=(_MODULES, _BUILD_CACHE),
        cached_dependencies=True,
        artifacts=(
            *(() if named else ((output, f"./{built.name}"),)),
            *(((_CERTIFICATES, _CERTIFICATES),) if wanted == "scratch" else ()),
        ),
        command=None if named else (f"/app/{built.name}",),
        http_probe=_probe(family),
        build_packages=("gcc", "musl-dev") if cgo and alpine else (),
        packages=("ca-certificates", "tzdata") if family.shell else (),
        extra={"embed": "true"} if request.options.get("embed") is True else {},
    )


# the sources of a bind mount belong to another user, and git then tells the compiler nothing
_DEVELOPMENT: Mapping[str, str] = {"GOCACHE": "/go/build", "GOFLAGS": "-buildvcs=false"}


def _flags(request: Request, *, static: bool, zones: bool) -> str:
    linker = "-s -w"
    tags = request.options.get("tags")
    wanted = [str(tag) for tag in tags] if isinstance(tags, list) else []
    if static:  # C code, too, with the resolvers of Go, since those of glibc load libraries
        linker += " -linkmode external -extldflags -static"
        wanted += ["netgo", "osusergo"]
    if zones:
        wanted += ["timetzdata"]
    written = request.options.get("ldflags")
    if isinstance(written, str):
        linker += f" {written}"
    quote = '"' if "$" in linker or "'" in linker else "'"
    return f"-trimpath -ldflags={quote}{linker}{quote}" + (f" -tags={shlex.quote(','.join(wanted))}" if wanted else "")


def _base(request: Request, wanted: str, *, glibc: bool) -> tuple[str, Distro]:
    """The image that runs, and its distribution."""
    if wanted == "scratch":
        return "scratch", distro.find("scratch")
    if wanted == "slim" and "alpine" in request.variant:
        return f"alpine:{request.variant.removeprefix('alpine') or '3'}", distro.find("alpine")
    suite = request.release.default_variant if request.variant in ("", "alpine") else request.variant
    if wanted == "slim":
        return f"debian:{suite}-slim", distro.find("debian")
    number = "13" if suite.startswith("alpine") else _DISTROLESS.get(suite, _OLDER_DISTROLESS)
    return f"gcr.io/distroless/{'base' if glibc else 'static'}-debian{number}:nonroot", distro.find("distroless")


def _probe(family: Distro) -> _probes.Probe | None:
    return {"debian": _probes.bash, "alpine": _probes.wget}.get(family.name)


def _vendored(module: str) -> str:
    return project.file_in(module, "vendor/modules.txt")


def _manifests(request: Request) -> tuple[str, ...]:
    """What `go mod download` reads: go.mod and go.sum of all modules of the context that are built."""
    if request.files is None:
        return ("go.mod", "go.sum")
    found = [name for name in ("go.work", "go.work.sum") if request.has(name)]
    own = project.chosen(request).module
    local = [folder for folder, _ in project.local_modules(request) if not folder.startswith("..")]
    # a workspace may have no module at its root; a folder that is named has one
    mains = [folder for folder in (own,) if request.has(project.file_in(folder, "go.mod"))]
    for folder in (*mains, *local):
        sums = project.file_in(folder, "go.sum")
        # the first dependency brings it along
        written = [sums] if request.has(sums) else [f"{sums}*"] if folder == own else []
        found += [project.file_in(folder, "go.mod"), *written]
    return tuple(found)


def _check(request: Request) -> Iterable[Trouble]:
    built = project.chosen(request)
    file = "go.work" if request.has("go.work") else project.file_in(built.module, "go.mod")
    if not request.has(file):
        modules = [path.removesuffix("/go.mod") for path in request.matching("*/go.mod")]
        hint = "run `go mod init` there, or name another folder as the context"
        if modules:
            hint = f"make a folder with one the context, or name its main package as `app`: {', '.join(modules)}"
        yield Trouble(file=file, message="the file is not there, and Go needs it", hint=hint)
        return
    yield from _check_version(request, file)
    if built.module != "." and _line(request) < _CHANGES_FOLDER_SINCE:
        hint = f"make {built.module} the context, or use go@1.20 or newer"
        yield Trouble(file=file, message=f"Go {request.release.major} builds no module of another folder", hint=hint)
    yield from _check_modules(request, built.module)
    yield from _check_package(request)


def _line(request: Request) -> tuple[int, ...]:
    return tuple(map(int, request.release.major.split(".")))


def _check_version(request: Request, file: str) -> Iterator[Trouble]:
    """Whether the image's Go takes what the module asks for: official images fetch no other toolchain."""
    written = next(project.directives(request.text(file), "go"), "")
    found = _GO_LINE.match(written)
    if found is None:
        return
    wanted = tuple(int(part) for part in found.groups() if part)
    have = tuple(map(int, request.version.split(".")))
    short = wanted[: max(len(have), 2)]
    line = ".".join(map(str, wanted[: max(2, len(have))]))
    old = _line(request) < _REFUSES_NEWER_SINCE
    if old and len(wanted) > 2:  # noqa: PLR2004 - the number of parts
        message = f"it says `go {written}`, which Go {request.release.major} can't read"
        yield Trouble(file=file, message=message, hint=f"write `go {wanted[0]}.{wanted[1]}`, or use go@1.21 or newer")
    elif not old and short > have:
        message = f"it asks for Go {line}, and the image has {request.version}"
        yield Trouble(file=file, message=message, hint=f"use go@{line}: official images fetch no other toolchain")


def _check_modules(request: Request, module: str) -> Iterator[Trouble]:
    for folder, said in project.local_modules(request):
        if folder.startswith(".."):
            hint = "make a folder that holds both the context, and name the main package as `app`"
            yield Trouble(file=said, message=f"it uses {folder}, which is outside of the context", hint=hint)
    manifest, sums = project.file_in(module, "go.mod"), project.file_in(module, "go.sum")
    required = list(project.directives(request.text(manifest), "require"))
    local = [folder for folder, _ in project.local_modules(request)]
    if required and not local and not request.has(sums) and not request.has(_vendored(module)):
        yield Trouble(file=sums, message="the file is not there, and go.mod requires modules", hint=_TIDY)


def _check_package(request: Request) -> Iterator[Trouble]:
    """Whether it is clear which main package is built, where the language's own build step does it."""
    if request.builds or request.app is not None:
        return
    found = project.main_packages(request)
    if len(found) > 1:
        several = ", ".join(f"./{folder}" for folder in found)
        message = f"there are several main packages: {several}"
        yield Trouble(file=".", message=message, hint=f"choose one with `app`, such as app: ./{found[0]}")
    elif not found:
        hint = "name its folder with `app`, such as app: ./cmd/server"
        yield Trouble(file=".", message="no main package is found: no main.go says `package main`", hint=hint)


def _memory_flag(limit: int) -> tuple[str, str]:
    """Go's collector doesn't know of the container's limit, and lets the heap double before it runs."""
    return "GOMEMLIMIT", f"{max(16, int(limit * _HEAP_SHARE) // _MEBIBYTE)}MiB"


LANGUAGE = Language(
    name="go",
    title="Go",
    image="golang",
    releases=load_releases("go"),
    ignore=("*.test", "*.out"),
    recipe=_recipe,
    check=_check,
    context_files=(
        "go.mod", "go.sum", "go.work", "go.work.sum", "vendor/modules.txt", "**/go.mod", "**/go.sum",
        *project.MAIN_FILES,
    ),
    options={
        "base": Option(
            kind="choice",
            summary="what runs: `distroless` (the default), `scratch`, or `slim` for a Debian or Alpine with a shell",
            choices=_BASES,
        ),
        "cgo": Option(kind="bool", summary="whether C code is built, too; then the binary needs a C library"),
        "tags": Option(kind="words", summary="build tags", pattern=r"[A-Za-z0-9_.]+"),
        "embed": Option(kind="bool", summary="whether `assets` are built into the binary (`//go:embed`)"),
        "ldflags": Option(
            kind="text",
            summary="further flags of the linker, such as `-X main.version=$VERSION` with a build argument",
            pattern=r"[^\"`\\\x00-\x1f]+",
        ),
    },
    memory_flag=_memory_flag,
    memory_limit="256m",
)  # fmt: skip
