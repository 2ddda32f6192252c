"""The plan: what is rendered, with every default decided. Targets read nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TypeAlias

from envgen.interpolation import Interpolated, Text, escape
from envgen.source import Route

Value: TypeAlias = "bool | int | float | Text | list[Value] | dict[str, Value] | None"
"""A compose value: a plain `str` is a literal, an `Interpolated` is for compose to fill in."""


class Hardening(StrEnum):
    """What an unwritten choice means (DESIGN, Hardening)."""

    STRICT = "strict"
    STANDARD = "standard"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A RUN of a Dockerfile: shell commands joined with `&&`, and what is mounted meanwhile.

    `excused` are hadolint's rules that don't apply here.
    """

    commands: tuple[str, ...]
    excused: tuple[str, ...] = ()
    cache: str | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUser:
    """Who a container runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A health check in exec form; times in Docker's notation."""

    command: tuple[str, ...]
    interval: str
    timeout: str
    start_period: str
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file or folder that goes into the image: where it is, and where in the work folder it goes."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreGroup:
    """Patterns of a .dockerignore that belong together, and why they are there."""

    reason: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image that is built: all that a Dockerfile and its .dockerignore say.

    Paths of files are relative to the spec, those in `manifests` and `copies` to the context. `base` is the image it
    starts from. Strings are literal text, never evaluated; commands are shell text.
    """

    name: str
    syntax: str | None  # the frontend that reads the Dockerfile, where it is not BuildKit's own
    language: str
    base: str
    context: str
    dockerfile: str
    workdir: str
    packages: Step | None
    manifests: tuple[str, ...]
    install: Step
    build_install: Step | None
    build_steps: tuple[Step, ...]
    clean: Step | None  # where all of the build stage goes into the image
    dependencies: str
    copies: tuple[Copy, ...]
    args: tuple[str, ...]
    environment: Mapping[str, str]
    labels: Mapping[str, str]
    user: ImageUser
    setup: Step | None  # makes the user, and folders of its own where writable volumes are mounted
    ports: tuple[str, ...]
    health: Health | None
    command: tuple[str, ...] | None
    ignore: tuple[IgnoreGroup, ...]
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One compose service, complete: `compose` holds its keys in the order in which they are written."""

    name: str
    group: str
    variant: str | None
    hardening: Hardening
    image: str | None  # the Image it is built as
    compose: Mapping[str, Value]
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVariable:
    """A variable that the compose file takes from .env or the shell."""

    name: str
    default: str | None
    required: bool
    example: str | None
    description: str
    kind: str  # "string", "port", ...
    secret: bool
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """A secret that compose reads from a file, which the user makes."""

    name: str
    path: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A project: everything that targets render."""

    name: str
    compose_path: str
    env_example_path: str
    images: tuple[Image, ...]
    services: tuple[Service, ...]
    sections: Mapping[str, Value]  # compose's other top-level keys
    variables: tuple[EnvVariable, ...]
    secret_files: tuple[SecretFile, ...]


def as_data(value: object) -> object:
    """A plan, or a part of one, as JSON data; strings that compose fills in are in compose's spelling."""
    if isinstance(value, Interpolated):
        return {"interpolated": escape(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(item) for item in value]
    return value
