"""Rust with Cargo.

Sources: the official image (https://github.com/rust-lang/docker-rust: CARGO_HOME /usr/local/cargo, rustup, gcc; that of
Alpine links statically against musl), distroless images (https://github.com/GoogleContainerTools/distroless:
cc-debian12 and -debian13 hold glibc, libgcc, OpenSSL and CA certificates), https://doc.rust-lang.org/cargo/
(guide/build-cache, reference/config) and https://rust-lang.github.io/rustup/overrides.html. Read 2026-11-24; builds on
an engine.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from envgen.runtimes import _probes, distro
from envgen.runtimes import _rust_project as project
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Request, Trouble, load_releases

_CACHES = ("/usr/local/cargo/registry", "/usr/local/cargo/git/db")
_TARGET = "/app/target"
_BINARY_FOLDER = "/out"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_BASES = ("distroless", "scratch", "slim")
_SUITES = ("trixie", "bookworm", "bullseye", "buster")
_OLDER_DISTROLESS = "12"
_DISTROLESS: Mapping[str, str] = {"trixie": "13"}
_PROFILE_FOLDERS = {"dev": "debug", "test": "debug", "bench": "release"}  # all others have their own name
_TOOLCHAINS = ("rust-toolchain.toml", "rust-toolchain")
_CHANNEL = re.compile(r"channel\s*=\s*[\"']([^\"']+)[\"']")
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
# https://doc.rust-lang.org/edition-guide/ and https://doc.rust-lang.org/cargo/CHANGELOG.html: since which release
_EDITIONS: Mapping[str, tuple[int, int]] = {"2024": (1, 85)}
_LOCKS: Mapping[int, tuple[int, int]] = {4: (1, 78)}


def _recipe(request: Request) -> Recipe:
    package, binary = project.chosen(request)
    base, family = _base(request)
    named = request.builds and request.selects
    scratch = base == "scratch"
    return Recipe(
        base=base,
        distro=family,
        builder=request.image or LANGUAGE.image_reference(request.version, request.variant),
        builder_distro=Distro.of_variant(request.variant),
        dev_environment={"RUST_BACKTRACE": "1"},
        test_environment={"RUST_BACKTRACE": "1"},
        manifests=_manifests(request),
        install_all=_fetch(request),
        build=(_build(request, package, binary),),
        caches=_CACHES,
        build_caches=(*_CACHES, _TARGET),
        cached_dependencies=True,
        artifacts=(
            *(() if named else ((f"{_BINARY_FOLDER}/{binary}", f"./{binary}"),)),
            *(((_CERTIFICATES, _CERTIFICATES),) if scratch else ()),
        ),
        command=None if named else (f"/app/{binary}",),
        http_probe={"debian": _probes.bash, "alpine": _probes.wget}.get(family.name),
        packages=("ca-certificates", "tzdata") if family.shell else (),
        extra={"embed": "true"} if request.options.get("embed") is True else {},
    )


def _base(request: Request) -> tuple[str, Distro]:
    """The image that runs, and its distribution."""
    wanted, alpine = request.options.get("base", "distroless"), "alpine" in request.variant
    if wanted == "scratch":
        return "scratch", distro.find("scratch")
    if wanted == "slim" and alpine:
        return f"alpine:{request.variant.removeprefix('alpine') or '3'}", distro.find("alpine")
    words = (*request.variant.split("-"), *request.release.default_variant.split("-"))
    suite = next((word for word in words if word in _SUITES), _SUITES[0])
    if wanted == "slim":
        return f"debian:{suite}-slim", distro.find("debian")
    kind = "static" if alpine else "cc"
    number = "13" if alpine else _DISTROLESS.get(suite, _OLDER_DISTROLESS)
    return f"gcr.io/distroless/{kind}-debian{number}:nonroot", distro.find("distroless")


def _manifests(request: Request) -> tuple[str, ...]:
    """What `cargo fetch` reads."""
    if request.files is None:
        return ("Cargo.toml", "Cargo.lock")
    found = ["Cargo.toml", "Cargo.lock", *(name for name in project.CONFIGS if request.has(name))]
    inside = (folder for folder in project.folders(request) if folder != "." and not folder.startswith(".."))
    return (*found, *(f"{folder}/Cargo.toml" for folder in inside))


def _fetch(request: Request) -> tuple[str, ...]:
    """Commands that download dependencies; cargo reads no manifest without some source file of its package."""
    sources = project.config(request).get("source")
    if isinstance(sources, dict) and any("directory" in one for one in sources.values() if isinstance(one, dict)):
        return ()  # they lie in the project
    stubs = project.stubs(request)
    if not stubs:
        return ("cargo fetch --locked",)
    made = sorted({stub.rpartition("/")[0] for stub in stubs})
    names = shlex.join(stubs)
    return f"mkdir -p {shlex.join(made)}", f"touch {names}", "cargo fetch --locked", f"rm {names}"


def _build(request: Request, package: str | None, binary: str) -> str:
    """The build: cargo compares times, and those of another checkout in the cache say nothing; the binary leaves it."""
    profile = str(request.options.get("profile", "release"))
    words = ["cargo build", "--release" if profile == "release" else f"--profile={shlex.quote(profile)}", "--locked"]
    words += [f"--package={shlex.quote(package)}"] if package else []
    # cargo finds those of src/bin by itself, in every package if asked to
    elsewhere = not project.candidates(request) and "workspace" in project.manifest(request, ".")
    words += ["--workspace"] if elsewhere else []
    words += [f"--bin={shlex.quote(binary)}"]
    features = request.options.get("features")
    if isinstance(features, list):
        words.append(f"--features={shlex.quote(','.join(map(str, features)))}")
    words += ["--no-default-features"] if request.options.get("default_features") is False else []
    folder = "/".join(("target", *_triple(request), _PROFILE_FOLDERS.get(profile, profile), binary))
    touched = "find . -path ./target -prune -o -type f -exec touch {} +"
    return f"{touched} && {' '.join(words)} && install -D {shlex.quote(folder)} {_BINARY_FOLDER}/{shlex.quote(binary)}"


def _triple(request: Request) -> tuple[str, ...]:
    """The target that the project configures; cargo makes a folder of its name."""
    build = project.config(request).get("build")
    target = build.get("target") if isinstance(build, dict) else None
    return (target,) if isinstance(target, str) else ()


def _check(request: Request) -> Iterable[Trouble]:
    if not request.has("Cargo.toml"):
        hint = "run `cargo init` there, or name another folder as the context"
        yield Trouble(file="Cargo.toml", message="the file is not there, and Cargo needs it", hint=hint)
        return
    if not project.manifest(request, "."):
        yield Trouble(file="Cargo.toml", message="it is no valid manifest", hint="correct its TOML")
        return
    yield from _check_lock(request)
    yield from _check_versions(request)
    yield from _check_toolchain(request)
    yield from _check_binary(request)
    for folder in project.folders(request):
        if folder.startswith(".."):
            hint = "make a folder that holds both the context, with a workspace in it"
            yield Trouble(file="Cargo.toml", message=f"it uses {folder}, which is outside of the context", hint=hint)
    musl = any("musl" in word for word in _triple(request))
    if request.options.get("base") == "scratch" and "alpine" not in request.variant and not musl and not request.builds:
        message = "`scratch` has no C library, and the binary of this image needs one"
        yield Trouble(file="Cargo.toml", message=message, hint="use `variant: alpine`, which links statically")


def _have(request: Request) -> tuple[int, ...]:
    return tuple(map(int, request.version.split(".")))


def _check_lock(request: Request) -> Iterator[Trouble]:
    if not request.has("Cargo.lock"):
        message = "the file is not there, and `cargo build --locked` needs it"
        yield Trouble(file="Cargo.lock", message=message, hint="run `cargo generate-lockfile`, and commit it")
        return
    form = re.search(r"^version = (\d+)$", request.text("Cargo.lock"), re.MULTILINE)
    since = _LOCKS.get(int(form[1])) if form else None
    if form and since and _have(request)[:2] < since:
        message = f"it has version {form[1]}, which Cargo {request.release.major} can't read"
        hint = f"use rust@{since[0]}.{since[1]} or newer, or write it anew with the Cargo that builds"
        yield Trouble(file="Cargo.lock", message=message, hint=hint)


def _check_versions(request: Request) -> Iterator[Trouble]:
    """Whether the image's Rust is new enough for each package."""
    shared = project.manifest(request, ".").get("workspace")
    shared = shared.get("package") if isinstance(shared, dict) else None
    for folder in project.folders(request):
        about = project.manifest(request, folder).get("package")
        if not isinstance(about, dict):
            continue
        file = f"{folder}/Cargo.toml" if folder != "." else "Cargo.toml"
        wanted, edition = (_inherited(about.get(key), shared, key) for key in ("rust-version", "edition"))
        needs = _parts(wanted)
        if needs and needs[: len(_have(request))] > _have(request):
            line = ".".join(map(str, needs[: max(2, len(_have(request)))]))
            message = f"rust-version is {wanted}, and the image has {request.version}"
            yield Trouble(file=file, message=message, hint=f"use rust@{line} or newer")
        elif (since := _EDITIONS.get(edition)) and _have(request)[:2] < since:
            message = f"edition {edition} needs Rust {since[0]}.{since[1]}, and the image has {request.version}"
            yield Trouble(file=file, message=message, hint=f"use rust@{since[0]}.{since[1]} or newer")


def _inherited(value: object, shared: object, key: str) -> str:
    if isinstance(value, dict) and value.get("workspace") is True and isinstance(shared, dict):
        value = shared.get(key)
    return value if isinstance(value, str) else ""


def _parts(version: str) -> tuple[int, ...]:
    found = _VERSION.fullmatch(version)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def _check_toolchain(request: Request) -> Iterator[Trouble]:
    """Whether the toolchain that the project pins is the image's: the pin doesn't get into the context."""
    for name in _TOOLCHAINS:
        text = request.text(name)
        if not text.strip():
            continue
        found = _CHANNEL.search(text)
        channel = found[1] if found else text.strip()
        pinned = _parts(channel)
        shared = min(len(pinned), len(_have(request)))
        if pinned and pinned[:shared] != _have(request)[:shared]:
            message = f"it pins Rust {channel}, and the image has {request.version}"
            yield Trouble(file=name, message=message, hint=f"use rust@{channel}, or change the pin")
        elif channel.startswith(("nightly", "beta")):
            hint = "name an image that has it (`image: rustlang/rust:nightly`), and a `version` for what it is like"
            if request.image is None:
                yield Trouble(file=name, message=f"it pins {channel}, and the official image is stable", hint=hint)


def _check_binary(request: Request) -> Iterator[Trouble]:
    """Whether it is clear which binary is built, where the language's own build step does it."""
    if request.builds:
        return
    found = project.candidates(request)
    if not found and request.app is None:
        hint = "name one with `app`, such as app: server"
        message = "no binary is found: no [[bin]], no src/main.rs, and nothing in src/bin"
        yield Trouble(file="Cargo.toml", message=message, hint=hint)
    elif len(found) > 1:
        hint = f"choose one with `app`, such as app: {found[0][1]}; or set `default-run`"
        message = f"there are several binaries: {', '.join(name for _, name in found)}"
        yield Trouble(file="Cargo.toml", message=message, hint=hint)


LANGUAGE = Language(
    name="rust",
    title="Rust",
    image="rust",
    releases=load_releases("rust"),
    # the toolchain is the image's, and rustup would fetch what is pinned
    ignore=("target", "rust-toolchain", "rust-toolchain.toml", "*.rs.bk"),
    recipe=_recipe,
    check=_check,
    context_files=(
        "Cargo.toml", "Cargo.lock", *project.CONFIGS, *_TOOLCHAINS, "**/Cargo.toml", *project.SOURCES,
    ),
    options={
        "base": Option(
            kind="choice",
            summary="what runs: `distroless` (the default), `scratch`, or `slim` for a Debian or Alpine with a shell",
            choices=_BASES,
        ),
        "features": Option(kind="words", summary="Cargo features", pattern=r"[A-Za-z0-9_+/-]+"),
        "default_features": Option(kind="bool", summary="whether the default features are built; they are"),
        "profile": Option(kind="text", summary="the Cargo profile in place of `release`", pattern=r"[A-Za-z0-9_-]+"),
        "embed": Option(kind="bool", summary="whether `assets` are built into the binary (`include_bytes!`)"),
    },
    memory_limit="256m",
)  # fmt: skip
