"""What envgen knows about a language: the form in which each module of this package says it."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release line of a language; facts from the language's .toml file."""

    major: str
    end_of_life: date
    variants: tuple[str, ...]  # of the official image; "" is the tag without a variant
    default_variant: str
    facts: Mapping[str, int | str] = field(default_factory=dict)  # what only the language's own module reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """How an image of one release is built with the project's package manager."""

    manifests: tuple[str, ...]  # copied before the sources, so that dependencies are a layer of their own
    install: str  # production dependencies only
    install_all: str  # development dependencies, too, for build steps
    cache: str  # the package manager's cache folder
    dependencies: str  # the folder, relative to the work folder, that installing fills
    clean: str  # removes that folder after the build steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language.

    `http_probe(port, path)` is an exec-form command that exits 0 if the path answers with a status below 400, using
    nothing but the language's interpreter. `memory_flag(bytes)` is an environment variable that keeps the heap within
    a container limit. `check_context(release, files)` yields (file, message, hint) for what a build would trip over in
    the context's files (name -> text, None where it is not there).
    """

    name: str
    image: str
    releases: Mapping[str, Release]
    users: Mapping[str, tuple[int, int]]  # of the official image, beyond Debian's and Alpine's own: name -> uid, gid
    environment: Mapping[str, str]  # ENV of the image
    ignore: tuple[str, ...]  # what never belongs into the build context
    context_files: tuple[str, ...]
    toolchain: Callable[[Release], Toolchain]
    http_probe: Callable[[int, str], tuple[str, ...]]
    memory_flag: Callable[[int], tuple[str, str]]
    check_context: Callable[[Release, Mapping[str, str | None]], Iterable[tuple[str, str, str]]]
    memory_limit: str = "512m"
    tmpfs: tuple[str, ...] = ("/tmp",)  # noqa: S108 - a mount point in the container

    def release(self, version: str) -> Release | None:
        """The release line that a version (`16`, `16.20.2`) belongs to, or None."""
        return self.releases.get(version.partition(".")[0])

    def end_of_life(self, version: str) -> date | None:
        """The day after which the version's release line gets no fixes, or None where the version is not known."""
        release = self.release(version)
        return release.end_of_life if release else None

    def image_reference(self, version: str, variant: str) -> str:
        """The image of a version and variant, such as `node:16-bookworm-slim`."""
        return f"{self.image}:{version}{'-' if variant else ''}{variant}"


def load_releases(language: str) -> dict[str, Release]:
    """The releases in `<language>.toml`, newest first."""
    data = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    known = {"end_of_life", "variants", "default"}
    releases = {
        major: Release(
            major=major,
            end_of_life=facts["end_of_life"],
            variants=tuple(facts["variants"]),
            default_variant=facts["default"],
            facts={key: value for key, value in facts.items() if key not in known},
        )
        for major, facts in data["releases"].items()
    }
    return dict(sorted(releases.items(), key=lambda item: -int(item[0])))
