"""What stages start from: an image with system packages, certificates, a time zone and a locale."""

import posixpath
import shlex
from collections.abc import Mapping

from envgen.plan.model import Root, Step
from envgen.runtimes import Distro, Recipe
from envgen.spec.build import Build

_CERTIFICATES = "/usr/local/share/ca-certificates"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def base_root(recipe: Recipe, build: Build) -> Root:
    """What the image that runs starts from."""
    packages = (*recipe.packages, *build.packages)
    return _root(recipe.base, recipe.distro, recipe, build, packages, platform=False)


def builder_root(recipe: Recipe, build: Build) -> Root | None:
    """What the stages that build start from, where that is another image than the one that runs."""
    if recipe.builder is None or recipe.builder_distro is None:
        return None
    packages = (*recipe.build_packages, *build.packages, *build.build_packages)
    platform = recipe.cross and bool(build.compose_keys.get("platforms"))
    return _root(recipe.builder, recipe.builder_distro, recipe, build, packages, platform=platform)


def build_packages(recipe: Recipe, build: Build) -> Step | None:
    """The packages that are added to the base while it builds, where there is no builder of its own."""
    packages = _sorted((*recipe.build_packages, *build.build_packages))
    if recipe.builder is not None or not packages:
        return None
    return Step(commands=recipe.distro.install(packages), excused=recipe.distro.excused(packages))


def _root(
    image: str, distro: Distro, recipe: Recipe, build: Build, packages: tuple[str, ...], *, platform: bool
) -> Root:
    wanted, made = distro.locale(build.locale) if build.locale else ((), ())
    trusted = ("ca-certificates",) if build.certificates else ()
    zones = ("tzdata",) if build.timezone else ()
    every = _sorted((*packages, *wanted, *trusted, *zones))
    commands = (*(distro.install(every) if every else ()), *made)
    if build.certificates:
        commands += ("update-ca-certificates", *recipe.trust)
    return Root(
        image=image,
        platform=platform,
        workdir=recipe.workdir,
        certificates=build.certificates if distro.shell else (),
        system=Step(commands=commands, excused=distro.excused(every)) if commands and distro.shell else None,
        environment=_environment(recipe, build),
    )


def _sorted(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Packages once each, in an order that doesn't change with how they are written."""
    return tuple(sorted(dict.fromkeys(packages)))


def _environment(recipe: Recipe, build: Build) -> Mapping[str, str]:
    found: dict[str, str] = {}
    if build.timezone:
        found["TZ"] = build.timezone
    if build.locale:
        found["LANG"] = build.locale
    if build.certificates:
        found |= dict.fromkeys(recipe.certificates, BUNDLE)
    return found


def folder_commands(folders: tuple[str, ...], uid: int, gid: int, root: str = "") -> tuple[str, ...]:
    """The commands that make folders which a user owns, below another root where one is named."""
    if not folders:
        return ()
    paths = [f"{root}{posixpath.normpath(folder)}" for folder in folders]
    return (f"install -d -o {uid} -g {gid} {shlex.join(paths)}",)
