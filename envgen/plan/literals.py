"""What a Dockerfile can't hold: such a value is refused, so that none can add an instruction or arrive changed."""

import posixpath
import re
from collections.abc import Iterator

from envgen import codes
from envgen.plan.model import Image
from envgen.plan.requests import commands_of, secret_mounts
from envgen.plan.typed import scalar_text
from envgen.source import Problem, Route
from envgen.spec.build import Build

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# BuildKit's patterns and escapes: a name with one of these is no plain path in COPY
_UNCOPYABLE = re.compile(r"[*?\[\]\\\x00-\x1f\x7f]")
_DURATION = re.compile(r"(\d+(\.\d+)?(ns|us|ms|s|m|h))+")
_PORT = re.compile(r"\d+(-\d+)?(/(tcp|udp|sctp))?")
_MOUNT = re.compile(r"/[A-Za-z0-9_./-]+")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_SECRET = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST = 60_000  # bytes; BuildKit reads no line over 64 KiB

_Found = Iterator[tuple[Route, str, str | None]]


def unwritable(image: Image, build: Build) -> Iterator[Problem]:
    """Problems of an image's values, each at its place in the service that the image is named after."""
    for found in (_files(build), _environment(build), _steps(build), _names(image, build), _runtime(image)):
        for place, message, hint in found:
            yield Problem(code=codes.INVALID_VALUE, route=(*image.route, *place), message=message, hint=hint)


def _files(build: Build) -> _Found:
    named: list[tuple[Route, tuple[str, ...]]] = [
        (("build", "files"), build.files),
        (("build", "certificates"), build.certificates),
        (("build", "assets", "files"), build.assets.files if build.assets else ()),
    ]
    for place, paths in named:
        for index, path in enumerate(paths):
            if not path or _UNCOPYABLE.search(path) or posixpath.normpath(path).startswith(("/", "..")):
                hint = "name a file or folder inside the context, without * ? [ ] \\ and control characters"
                yield (*place, index), f"{path!r} can't be copied by that very name", hint


def _environment(build: Build) -> _Found:
    assets = build.assets.env if build.assets else {}
    values: list[tuple[Route, str, str, str]] = [
        (("build", "env", name), name, scalar_text(value), "set it in `environment`")
        for name, value in build.env.items()
    ]
    values += [
        (("build", "assets", "env", name), name, scalar_text(value), "set it in a file that the build reads")
        for name, value in assets.items()
    ]
    for place, name, text, hint in values:
        if _CONTROL.search(text):
            yield place, "ENV can't hold a line break or another control character", hint
        if len(text.encode()) > _LONGEST:
            yield place, "this is more than a line of a Dockerfile can hold", f"{hint}, or copy a file"
        if not _NAME.fullmatch(name):
            yield place, f"`{name}` is no name for an environment variable", "take letters, digits and `_`"


def _steps(build: Build) -> _Found:
    written: list[tuple[Route, str | tuple[str, ...]]] = [(("build", "run"), build.run)]
    points = ("before_install", "after_install", "before_build", "final")
    written += [(("build", "steps", point), getattr(build.steps, point)) for point in points]
    if build.install is not None:
        written.append((("build", "install"), build.install))
    if build.assets is not None:
        written += [(("build", "assets", "run"), build.assets.run)]
        written += [(("build", "assets", "install"), build.assets.install)] if build.assets.install is not None else []
    for place, commands in written:
        for index, command in enumerate(commands_of(commands)):
            where = place if isinstance(commands, str) else (*place, index)
            if not command.strip() or "\x00" in command:
                yield where, "a build step has to be a command", None
            if len(command.encode()) > _LONGEST:
                yield where, "this is more than a line of a Dockerfile can hold", "put it into a script, and run that"


def _names(image: Image, build: Build) -> _Found:
    for root in (image.base, image.builder, image.assets.root if image.assets else None):
        if root is not None and not _IMAGE.fullmatch(root.image):
            yield ("uses",), f"{root.image!r} is no name of an image", "write it like registry.example.com/node:22"
    for name in image.args:
        if not _NAME.fullmatch(name):
            yield ("build", "args"), f"{name!r} is no name for a build argument", "take letters, digits and `_`"
    for secret in secret_mounts(build):
        if not _SECRET.fullmatch(secret.id):
            hint = "take letters, digits, `.`, `_` and `-`"
            yield ("build", "secrets"), f"{secret.id!r} is no name for a file in /run/secrets", hint
        if secret.env is not None and not _NAME.fullmatch(secret.env):
            yield ("build", "secrets"), f"{secret.env!r} is no name for a variable", "take letters, digits and `_`"
        if secret.path is not None and not _MOUNT.fullmatch(secret.path):
            hint = "write an absolute path of plain characters, such as /root/.npmrc"
            yield ("build", "secrets"), f"{secret.path!r} is no path to mount a secret at", hint


def _runtime(image: Image) -> _Found:
    for port in image.ports:
        if not _PORT.fullmatch(port):
            yield ("ports",), f"{port!r} is no port that an image can expose", "write it like 3000 or 53/udp"
    if image.health is not None:
        for key in ("interval", "timeout", "start_period"):
            value: str = getattr(image.health, key)
            if not _DURATION.fullmatch(value):
                yield ("healthcheck", key), f"{value!r} is no time", "write it like 10s or 1m30s"
    if any("\x00" in word for word in image.command or ()):
        yield ("command",), "no program can be given a NUL", None
