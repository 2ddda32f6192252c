"""What a Dockerfile can't hold: such a value is refused, so that none can add an instruction or arrive changed."""

import posixpath
import re
from collections.abc import Iterator

from envgen import codes
from envgen.plan.model import Image, Step
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
_SECRET = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST = 60_000  # bytes; BuildKit reads no line over 64 KiB

_Found = Iterator[tuple[Route, str, str | None]]


def unwritable(image: Image, build: Build) -> Iterator[Problem]:
    """Problems of an image's values, each at its place in the service that the image is named after."""
    for found in (_files(build), _environment(build), _steps(image), _names(image), _runtime(image)):
        for place, message, hint in found:
            yield Problem(code=codes.INVALID_VALUE, route=(*image.route, *place), message=message, hint=hint)


def _files(build: Build) -> _Found:
    for index, path in enumerate(build.files):
        if not path or _UNCOPYABLE.search(path) or posixpath.normpath(path).startswith(("/", "..")):
            hint = "name a file or folder inside the context, without * ? [ ] \\ and control characters"
            yield ("build", "files", index), f"{path!r} can't be copied by that very name", hint


def _environment(build: Build) -> _Found:
    for name, value in build.env.items():
        place: Route = ("build", "env", name)
        if _CONTROL.search(scalar_text(value)):
            yield place, "ENV can't hold a line break or another control character", "set it in `environment`"
        if len(scalar_text(value).encode()) > _LONGEST:
            yield place, "this is more than a line of a Dockerfile can hold", "set it in `environment`, or copy a file"
        if not _NAME.fullmatch(name):
            yield place, f"`{name}` is no name for an environment variable", "take letters, digits and `_`"


def _steps(image: Image) -> _Found:
    installing = image.install or image.build_install
    steps: list[tuple[Route, Step]] = [(("build", "install"), installing)] if installing else []
    steps += [(("build", "run", index), step) for index, step in enumerate(image.build_steps)]
    for place, step in steps:
        for command in step.commands:
            if not command.strip() or "\x00" in command:
                yield place, "a build step has to be a command", None
            if len(command.encode()) > _LONGEST:
                yield place, "this is more than a line of a Dockerfile can hold", "put it into a script, and run that"


def _names(image: Image) -> _Found:
    for name in image.args:
        if not _NAME.fullmatch(name):
            yield ("build", "args"), f"{name!r} is no name for a build argument", "take letters, digits and `_`"
    installing = image.install or image.build_install
    for secret in installing.secrets if installing else ():
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
