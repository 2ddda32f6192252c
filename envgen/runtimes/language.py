"""What envgen knows about a language: the form in which each module of this package says it."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from importlib.resources import files

from envgen.runtimes.distro import Distro
from envgen.source import Data

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release line of a language; facts from the language's .toml file. `end_of_life` is None where it has none."""

    major: str
    end_of_life: date | None
    variants: tuple[str, ...]  # of the official image; "" is the tag without a variant
    default_variant: str
    facts: Mapping[str, int | str] = field(default_factory=dict)  # what only the language's own module reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an image is wanted for.

    `files` are the texts of the context's files that the language asked for, by path (None: the context is not known,
    and everything is taken to be as usual). `manager` is the package manager, `app` the part of the context that is
    built, `options` what the user wrote under `build.options`; `builds` says whether build steps are written,
    `installs` whether the command that installs is, `selects` whether the files that go into the image are, and
    `assets` whether another language makes some.
    """

    release: Release
    version: str
    variant: str
    image: str | None = None  # in place of the official image
    files: Mapping[str, str | None] | None = None
    manager: str = ""
    app: str | None = None
    options: Mapping[str, Data] = field(default_factory=dict)
    builds: bool = False
    installs: bool = False
    selects: bool = False
    assets: bool = False
    platforms: bool = False  # whether it is built for platforms that are named
    packages: tuple[str, ...] = ()  # system packages that the user wrote, of run and build time
    trusts: bool = False  # whether certificates are named
    locale: str | None = None

    def has(self, path: str) -> bool:
        """Whether the context is known to have a file."""
        return self.files is not None and self.files.get(path) is not None

    def text(self, path: str) -> str:
        """The text of a file in the context; "" where it is not there."""
        return (self.files or {}).get(path) or ""

    def matching(self, pattern: str) -> tuple[str, ...]:
        """The paths of the context's known files that match a glob (`*` crosses folders), sorted."""
        known = self.files or {}
        return tuple(sorted(path for path, text in known.items() if text is not None and fnmatchcase(path, pattern)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How an image is made, for one request. Commands are shell text; paths of files are relative to the context.

    Dependencies are installed in a stage of their own by `install` (production only) and taken over from there
    (`dependencies`); without `install` there is no such stage. `install_all` installs or fetches what build steps
    need. `build` are the build steps where the user writes none. `artifacts` are (source, target) pairs that are taken
    from the build stage, relative to the work folder; None: the files of the context themselves go into the image.
    """

    base: str  # the image that runs
    distro: Distro
    users: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # of the base image, beyond its distribution's
    builder: str | None = None  # the image of the stages that build; None: they start from the base
    builder_distro: Distro | None = None
    builder_users: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # of the builder, the same
    cross: bool = False  # whether the builder can build for another platform than its own
    workdir: str = "/app"
    environment: Mapping[str, str] = field(default_factory=dict)  # ENV of the image
    build_environment: Mapping[str, str] = field(default_factory=dict)  # ENV of the stages that build
    dev_environment: Mapping[str, str] = field(default_factory=dict)  # ENV of the stage `dev`
    test_environment: Mapping[str, str] = field(default_factory=dict)  # ENV of the stage `test`
    certificates: tuple[str, ...] = ()  # ENV that names the file of certificates, for programs with a list of their own
    trust: Command = ()  # after the system trusts certificates that are named, for a store of the language's own
    prepare: Command = ()  # before anything is copied into a stage that builds
    manifests: tuple[str, ...] = ()  # copied before the sources, so that dependencies are a layer of their own
    install: Command = ()
    install_all: Command = ()
    install_dev: Command = ()  # in place of `install_all`, in the stages `dev` and `test`
    dev_manifests: tuple[str, ...] = ()  # in place of `manifests`, the same
    build: Command = ()
    finish: Command = ()  # after the build steps, whoever wrote them
    pick: tuple[Command, ...] = ()  # the last steps of all: they pick what goes into the image, and need no caches
    dev_finish: Command = ()  # in the stages `dev` and `test`, when the sources are there
    clean: Command = ()  # after the build steps, where the whole work folder goes into the image
    caches: tuple[str, ...] = ()  # folders of the package manager that are kept between builds
    prepare_caches: tuple[str, ...] = ()  # the same, of `prepare`, where they are others
    prepares_alone: bool = False  # whether `prepare` fetches nothing, so that it needs neither caches nor secrets
    build_caches: tuple[str, ...] = ()  # the same, of the build steps
    build_secrets: bool = False  # whether the build steps fetch dependencies, too, so that they get the secrets
    cached_dependencies: bool = False  # whether dependencies are used from the caches, so that `dev` has to keep them
    arguments: tuple[str, ...] = ()  # build arguments that the stages which build declare
    build_arguments: tuple[str, ...] = ()  # NAME=DEFAULT of those that only build steps and `finish` read
    dependencies: tuple[str, ...] = ()  # folders that installing fills, relative to the work folder or absolute
    artifacts: tuple[tuple[str, str], ...] | None = None
    built: tuple[tuple[str, str], ...] = ()  # taken from the build stage besides
    assets_target: str | None = None  # where another language's files go; None: where they were, below the work folder
    command: Command | None = None  # what a container runs where the user writes nothing
    http_probe: Callable[[int, str], Command] | None = None  # exec form: exits 0 if the path answers below 400
    packages: tuple[str, ...] = ()  # system packages that it can't do without
    build_packages: tuple[str, ...] = ()
    extra: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)  # what the language's own template reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A key of `build.options`: `kind` is "bool", "text", "words" (a list) or "choice" (one of `choices`)."""

    kind: str
    summary: str
    choices: tuple[str, ...] = ()
    pattern: str = ""  # which each text and word has to match, where there is one
    expects: str = ""  # that form in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What a build would trip over: in which file of the context, what, and what to do."""

    file: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language.

    `managers` are its package managers, the default first, each with the lock files that tell it. `context_files` are
    the files that `recipe` and `check` want to see: paths in the context, or globs (`**/package.json`, bounded by the
    reader). `memory_flag(bytes)` is an environment variable that keeps the heap within a container limit.
    """

    name: str
    title: str
    image: str
    releases: Mapping[str, Release]
    ignore: tuple[str, ...]  # what never belongs into the build context, at any depth; with a "/" first: at its root
    recipe: Callable[[Request], Recipe]
    check: Callable[[Request], Iterable[Trouble]] = lambda _request: ()
    context_files: tuple[str, ...] = ()
    managers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    memory_flag: Callable[[int], tuple[str, str]] | None = None
    memory_limit: str = "512m"
    pids_limit: int = 256  # processes and threads
    tmpfs: tuple[str, ...] = ("/tmp",)  # noqa: S108 - a mount point in the container
    default_version: str = ""  # of a language whose version may be left out
    any_image: bool = False  # whether the user names the image, and that alone tells version and variant
    declared: Callable[[Mapping[str, str | None]], str] | None = None  # the manager that a manifest names; "" for none

    def release(self, version: str) -> Release | None:
        """The release line that a version (`16`, `16.20.2`; `3.13.1` of `3.13`; `10` of `10.0`) belongs to, or None."""
        parts = version.split(".")
        lines = (*(".".join(parts[:length]) for length in range(len(parts), 0, -1)), f"{version}.0")
        return next((self.releases[line] for line in lines if line in self.releases), None)

    def end_of_life(self, version: str) -> date | None:
        """The day after which the version's release line gets no fixes, or None where there is none that is known."""
        release = self.release(version)
        return release.end_of_life if release else None

    def image_reference(self, version: str, variant: str) -> str:
        """The image of a version and variant, such as `node:16-bookworm-slim`."""
        return f"{self.image}:{version}{'-' if variant else ''}{variant}"

    def manager_of(self, files: Mapping[str, str | None] | None) -> str:
        """The package manager that a manifest or the lock files of a context tell; the default where nothing does."""
        if files and self.declared and (named := self.declared(files)):
            return named
        for manager, locks in self.managers.items():
            if any((files or {}).get(lock) is not None for lock in locks):
                return manager
        return next(iter(self.managers), "")


def load_releases(language: str) -> dict[str, Release]:
    """The releases in `<language>.toml`, newest first."""
    data = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    known = {"end_of_life", "variants", "default"}
    releases = {
        major: Release(
            major=major,
            end_of_life=facts.get("end_of_life"),
            variants=tuple(facts["variants"]),
            default_variant=facts["default"],
            facts={key: value for key, value in facts.items() if key not in known},
        )
        for major, facts in data["releases"].items()
    }
    return dict(sorted(releases.items(), key=lambda item: [-int(part) for part in item[0].split(".")]))
