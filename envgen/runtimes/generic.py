"""Any image: what is installed, built and run is said by the user, and nothing is guessed but the distribution."""

import re

from envgen.runtimes import _probes, distro
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Release, Request

_DISTROS = ("alpine", "debian", "ubuntu", "distroless", "scratch")
_UBUNTU = re.compile(r"(^|[/:.-])(ubuntu|focal|jammy|noble)([:.-]|$)")
_PROBES = {"curl": _probes.curl, "wget": _probes.wget}


def _recipe(request: Request) -> Recipe:
    base, builder = request.image or "scratch", request.options.get("builder")
    named = request.options.get("distro")
    manifests = request.options.get("manifests")
    probe = request.options.get("probe")
    family = distro.find(str(named)) if named else guessed(base)
    return Recipe(
        base=base,
        distro=family,
        builder=str(builder) if builder else None,
        builder_distro=guessed(str(builder)) if builder else None,
        # without a list of its own, the command that installs sees all of the sources
        manifests=(tuple(map(str, manifests)) if isinstance(manifests, list) else (".",)) if request.installs else (),
        http_probe=_PROBES[str(probe)] if probe else None,
    )


def guessed(image: str) -> Distro:
    """The distribution that an image's name tells; Debian where it tells nothing, as for most official images."""
    if image == "scratch" or "distroless" in image:
        return distro.find("scratch" if image == "scratch" else "distroless")
    if "alpine" in image:
        return distro.find("alpine")
    return distro.find("ubuntu" if _UBUNTU.search(image) else "debian")


LANGUAGE = Language(
    name="generic",
    title="A generic image",
    image="",
    releases={"0": Release(major="0", end_of_life=None, variants=("",), default_variant="")},
    default_version="0",
    any_image=True,
    ignore=(),
    recipe=_recipe,
    options={
        "distro": Option(
            kind="choice", choices=_DISTROS, summary="The distribution of the image, where its name doesn't tell."
        ),
        "builder": Option(
            kind="text",
            pattern=r"[^\s$]+",
            expects="the name of an image",
            summary="The image that builds, where it is another one than that which runs.",
        ),
        "manifests": Option(kind="words", summary="The files that `install` needs; by default all of the context."),
        "probe": Option(
            kind="choice", choices=tuple(_PROBES), summary="The program in the image that `healthcheck.http` may use."
        ),
    },
)
