"""The plan: what is rendered, with every default decided. Targets read nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from envgen.interpolation import Interpolated, Text, escape
from envgen.source import Route
from envgen.value_types import ValueType

Value: TypeAlias = "bool | int | float | Text | list[Value] | dict[str, Value] | None"
"""A compose value: a plain `str` is a literal, an `Interpolated` is for compose to fill in."""


class Hardening(StrEnum):
    """What an unwritten choice means (DESIGN, Hardening)."""

    STRICT = "strict"
    STANDARD = "standard"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMount:
    """A secret that is there while a step runs: at `path` (None: /run/secrets/ID), or in the variable `env`."""

    id: str
    path: str | None = None
    env: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A RUN of a Dockerfile: shell commands joined with `&&`, and what is mounted meanwhile.

    `excused` are hadolint's rules that don't apply here; `caches` are folders that are kept between builds.
    """

    commands: tuple[str, ...]
    excused: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    secrets: tuple[SecretMount, ...] = ()


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
    """Files or folders that are copied: where they are, and where they go."""

    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreGroup:
    """Patterns of a .dockerignore that belong together, and why they are there."""

    reason: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """An image that stages start from, and what is added to it first. `platform` is that of the machine that builds."""

    image: str
    platform: bool
    workdir: str
    certificates: tuple[str, ...]  # paths in the context
    system: Step | None  # packages, certificates, the locale
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The user's own steps at named points."""

    before_install: tuple[Step, ...]
    after_install: tuple[Step, ...]
    before_build: tuple[Step, ...]
    final: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """A stage that is not shipped, `dev` or `test`: all dependencies and sources, owned by the user."""

    name: str
    environment: Mapping[str, str]
    setup: Step | None
    manifests: tuple[Copy, ...]
    install: Step | None
    finish: Step | None = None  # when the sources are there


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsStage:
    """A stage in which another language builds files; `copies` are from its work folder into the image."""

    root: Root
    environment: Mapping[str, str]
    prepare: Step | None
    manifests: tuple[Copy, ...]
    install: Step | None
    build_steps: tuple[Step, ...]
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image that is built: all that a Dockerfile and its .dockerignore say.

    `dockerfile` and `context` are relative to the spec, the paths of what is copied from the context to the context.
    `base` is what runs; the stages that build start from `builder` (None: from the base). Strings are literal text,
    never evaluated; commands are shell text.
    """

    name: str
    syntax: str | None  # the frontend that reads the Dockerfile, where it is not BuildKit's own
    language: str
    base: Root
    builder: Root | None
    context: str
    dockerfile: str
    workdir: str
    build_packages: Step | None  # where there is no builder of its own
    build_environment: Mapping[str, str]
    prepare: Step | None
    manifests: tuple[Copy, ...]
    install: Step | None  # production dependencies, in a stage of their own
    dependencies: tuple[Copy, ...]  # what is taken over from there
    build_install: Step | None  # what build steps need; None: there is no build stage
    build_steps: tuple[Step, ...]
    copies: tuple[Copy, ...]  # into the image: from the build stage, or from the context where there is none
    assets: AssetsStage | None
    hooks: Hooks
    developments: tuple[Development, ...]
    args: tuple[str, ...]
    build_args: tuple[str, ...] = ()  # NAME=DEFAULT, of build steps only
    environment: Mapping[str, str]
    labels: Mapping[str, str]
    user: ImageUser
    setup: Step | None  # makes the user, and folders of its own where writable volumes are mounted
    folders: Step | None  # for an image without a shell: makes the folders in the build stage, below /folders
    ports: tuple[str, ...]
    health: Health | None
    command: tuple[str, ...] | None
    ignore: tuple[IgnoreGroup, ...]
    extra: Mapping[str, str | tuple[str, ...]]  # what the language's own template reads
    route: Route

    @property
    def builds(self) -> bool:
        """Whether there is a build stage: for build steps, or for what an image without a shell can't make itself."""
        trusts = self.builder is not None and self.builder.certificates and not self.base.certificates
        steps = self.build_install or self.build_steps or self.hooks.before_build
        return bool(steps or self.folders or trusts)

    @property
    def prepares(self) -> bool:
        """Whether any stage starts from what `builder` is, or from the base with what is only there while it builds."""
        return bool(self.install or self.builds or self.developments)


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


class Blank(StrEnum):
    """What compose makes of a variable that is set to nothing."""

    MISSING = "missing"  # it refuses to start
    DEFAULT = "default"
    EMPTY = "empty"  # that is its value


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How a secret is made: see `envgen.spec.variable.Generate`."""

    type: str
    length: int | None


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
    types: tuple[ValueType, ...] = ()  # what services ask of a value, all of which it has to be; () where any text fits
    blank: Blank = Blank.EMPTY
    generate: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """A secret that compose reads from a file, which the user or `envgen env generate` makes.

    `path` is the file under an empty environment, `location` the text that compose reads.
    """

    name: str
    path: str
    services: tuple[str, ...]
    location: Text = ""
    types: tuple[ValueType, ...] = ()
    generate: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A project in one of its environments (None: the spec without an overlay), as one compose file says it.

    `name` is compose's project name; `overlay_path` the file that says the same on top of the spec's own compose file,
    None where there is to be none.
    """

    environment: str | None
    name: str
    compose_path: str
    overlay_path: str | None
    services: tuple[Service, ...]
    sections: Mapping[str, Value]  # compose's other top-level keys
    variables: tuple[EnvVariable, ...]
    secret_files: tuple[SecretFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A project: everything that targets render.

    What is here is the spec without an overlay; `environments` has the others. Images, variables and secret files are
    those of all of them.
    """

    name: str
    compose_path: str
    env_example_path: str
    images: tuple[Image, ...]
    services: tuple[Service, ...]
    sections: Mapping[str, Value]  # compose's other top-level keys
    variables: tuple[EnvVariable, ...]
    secret_files: tuple[SecretFile, ...]
    environments: tuple[Stack, ...] = ()
    templates: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # the user's own: name -> path, text

    @property
    def base(self) -> Stack:
        """The project without an overlay."""
        return Stack(
            environment=None,
            name=self.name,
            compose_path=self.compose_path,
            overlay_path=None,
            services=self.services,
            sections=self.sections,
            variables=self.variables,
            secret_files=self.secret_files,
        )

    @property
    def stacks(self) -> tuple[Stack, ...]:
        """The project without an overlay, then in each of its environments."""
        return (self.base, *self.environments)

    def only(self, environment: str) -> "Plan":
        """An environment as a plan of its own, with the images that its services use; KeyError where there is none."""
        stack = {one.environment: one for one in self.environments}[environment]
        used = {service.image for service in stack.services}
        return replace(
            self,
            name=stack.name,
            compose_path=stack.compose_path,
            images=tuple(image for image in self.images if image.name in used),
            services=stack.services,
            sections=stack.sections,
            variables=stack.variables,
            secret_files=stack.secret_files,
            environments=(),
        )


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
