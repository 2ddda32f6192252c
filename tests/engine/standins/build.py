#!/usr/bin/env python3
"""Builds stand-ins for public base images on the Docker engine that DOCKER_HOST reaches.

A machine without Docker Hub can't have the real ones. Each folder beside this file is a recipe: a Dockerfile whose
head has a line `# image: TAG... [NAME=VALUE...]` for each image that it makes. NAME=VALUE is a build argument, and
`target=STAGE` the stage to build. The comment after that says what the image is and is not. An image that the engine
has from elsewhere is the real one, and is used as it is.

    python tests/engine/standins/build.py [TAG...]    build these, or all; say what was done
"""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

# Holds the hash of the recipe. An image without it is not ours: it is never built over.
LABEL = "envgen.standin"

# The slowest recipe takes a minute where apt is near; it may be far, and others may build at the same time.
BUILD_TIMEOUT = 1200
TIMEOUT = 60


class StandinUnavailable(Exception):  # noqa: N818 - no error: a reason to skip a test
    """Why a stand-in can't be had here."""


@dataclass(frozen=True)
class Recipe:
    """One image that a folder makes: its tags, and what `docker build` has to be told."""

    folder: Path
    tags: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]
    target: str | None

    def bases(self) -> list[str]:
        """The images that the Dockerfile takes from elsewhere, in its order, with arguments filled in."""
        text = (self.folder / "Dockerfile").read_text()
        values = dict(re.findall(r"^ARG (\w+)=(\S*)", text, re.MULTILINE)) | dict(self.arguments)
        names = re.findall(r"^FROM +(\S+)", text, re.MULTILINE) + re.findall(r"--from=(\S+)|,from=([^,\s]+)", text)
        flat = [name if isinstance(name, str) else "".join(name) for name in names]
        filled = [re.sub(r"\$\{?(\w+)\}?", lambda found: values.get(found[1], ""), name) for name in flat]
        stages = {stage.lower() for stage in re.findall(r"^FROM .* AS +(\S+)", text, re.MULTILINE | re.IGNORECASE)}
        return list(dict.fromkeys(name for name in filled if name.lower() not in stages | {"scratch"} and ":" in name))


@cache
def recipes() -> dict[str, Recipe]:
    """Every tag that there is a recipe for."""
    found: dict[str, Recipe] = {}
    for dockerfile in sorted(HERE.glob("*/Dockerfile")):
        for line in re.findall(r"^# image: *(.+)$", dockerfile.read_text(), re.MULTILINE):
            words = line.split()
            settings = [tuple(word.split("=", 1)) for word in words if "=" in word]
            recipe = Recipe(
                folder=dockerfile.parent,
                tags=tuple(word for word in words if "=" not in word),
                arguments=tuple((name, value) for name, value in settings if name != "target"),
                target=dict(settings).get("target"),
            )
            for tag in recipe.tags:
                if tag in found:
                    raise ValueError(f"{tag} has two recipes: {found[tag].folder.name} and {recipe.folder.name}")
                found[tag] = recipe
    return found


def docker(*arguments: str, timeout: int = TIMEOUT) -> subprocess.CompletedProcess[str]:
    """Run docker; raise StandinUnavailable where it can't be run at all."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    try:
        return subprocess.run(
            ["docker", *arguments], env=environment, timeout=timeout, capture_output=True, text=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StandinUnavailable(str(error)) from error


@dataclass(frozen=True)
class Local:
    """An image that the engine has: its id, and the hash of the recipe if it is ours."""

    identity: str
    recipe: str


def local(tag: str) -> Local | None:
    """The image of that name on the engine, or None."""
    done = docker("image", "inspect", tag)
    if done.returncode:
        return None
    image = json.loads(done.stdout)[0]
    return Local(image["Id"], (image["Config"].get("Labels") or {}).get(LABEL, ""))


def recipe_hash(recipe: Recipe) -> str:
    """Changes when the recipe, a file beside it or an image below it does."""
    digest = hashlib.sha256(repr((recipe.arguments, recipe.target)).encode())
    for path in sorted(path for path in recipe.folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(recipe.folder)}\0{os.access(path, os.X_OK)}\0".encode() + path.read_bytes())
    for base in recipe.bases():
        if below := recipes().get(base):
            if below.folder != recipe.folder:
                digest.update(recipe_hash(below).encode())
        elif image := local(base):
            digest.update(image.identity.encode())
    return digest.hexdigest()[:16]


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """One builder at a time for a folder and an engine, whatever process it is in."""
    place = hashlib.sha256(f"{os.environ.get('DOCKER_HOST', '')}\0{folder.name}".encode()).hexdigest()[:12]
    with (Path(tempfile.gettempdir()) / f"envgen-standin-{place}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(tag: str) -> str:
    """Have the image of that name on the engine; return what was done. Raise StandinUnavailable if that can't be."""
    present = local(tag)
    if present and not present.recipe:
        return "there already, from elsewhere"
    recipe = recipes().get(tag)
    if recipe is None:
        if present or docker("pull", "--quiet", tag, timeout=BUILD_TIMEOUT).returncode == 0:
            return "there already"
        raise StandinUnavailable(f"the engine has no {tag}, can't pull it, and there is no recipe for a stand-in")
    # what lies below first, each under its own lock: folders make no circle, so nobody waits for ever
    for base in recipe.bases():
        if base not in recipe.tags:
            below = recipes().get(base)
            if below is None or below.folder != recipe.folder:
                ensure(base)
    with lock(recipe.folder):
        return _ensure_built(recipe)


def _ensure_built(recipe: Recipe) -> str:
    wanted = recipe_hash(recipe)
    if all((image := local(tag)) and image.recipe in ("", wanted) for tag in recipe.tags):
        return "there already"
    return _build(recipe, wanted)


def _build(recipe: Recipe, wanted: str) -> str:
    """Build one recipe under those of its tags that nobody else's image has."""
    ours = [tag for tag in recipe.tags if (image := local(tag)) is None or image.recipe]
    command = ["build", "--quiet", "--label", f"{LABEL}={wanted}"]
    command += [word for tag in ours for word in ("--tag", tag)]
    command += [word for name, value in recipe.arguments for word in ("--build-arg", f"{name}={value}")]
    command += ["--target", recipe.target] if recipe.target else []
    started = time.monotonic()
    done = docker(*command, str(recipe.folder), timeout=BUILD_TIMEOUT)
    if done.returncode:
        reason = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise StandinUnavailable(f"the stand-in for {recipe.tags[0]} does not build here:\n{reason}")
    return f"built in {time.monotonic() - started:.0f} s"


def main(tags: list[str]) -> int:
    """Build the stand-ins of these tags, or all; exit code 1 if one can't be had."""
    failed = 0
    for tag in tags or list(dict.fromkeys(recipe.tags[0] for recipe in recipes().values())):
        try:
            print(f"{tag}: {ensure(tag)}", flush=True)  # noqa: T201 - a command's output
        except StandinUnavailable as reason:
            failed = 1
            print(f"{tag}: {reason}", file=sys.stderr, flush=True)  # noqa: T201 - same
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
