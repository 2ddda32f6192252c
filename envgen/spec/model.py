"""What a user may write in envgen.yaml: the typed part, with the descriptions that editors show.

Keys of the compose specification that envgen doesn't extend are kept as they are (`Service.compose_keys`) and checked
against the compose-spec schema; see `envgen.spec.load`. Field descriptions become the JSON schema's.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    Tag,
)

from envgen.finding import Finding
from envgen.source import Data, Route, Source
from envgen.spec.lint_settings import LintSettings
from envgen.spec.shapes import ByShape, FromList, Model, Words, iso_date

if TYPE_CHECKING:
    Raw = Data
else:
    Raw = Any  # pydantic can't resolve the recursive alias, and plain data needs no second check

Scalar = str | int | float | bool | None


def _version_text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float):
        raise ValueError(f"a version needs quotes: YAML reads this as the number {value}; put it in quotes")  # noqa: TRY004 - pydantic's way
    return str(value)


Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$", max_length=63)]
ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=63)]
VERSION_FORM = r"^[0-9]+(\.[0-9]+){0,2}$"
Version = Annotated[
    str,
    BeforeValidator(_version_text, json_schema_input_type=str | int),
    StringConstraints(pattern=VERSION_FORM),
]
Package = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.:=~_-]*$")]


class ComposeModel(BaseModel):
    """A frozen map of compose's that envgen adds keys to; compose's own keys are in `compose_keys`."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    @property
    def compose_keys(self) -> Mapping[str, Data]:
        """What the user wrote under keys that belong to compose alone."""
        return self.model_extra or {}


class Eol(Model):
    """Permission to use a runtime past its end of life."""

    allow: bool = Field(description="Whether the runtime may be used past its end of life.")
    reason: str = Field(
        min_length=1, description="Why, for the people who read the spec.", examples=["our oldest customers run it"]
    )
    until: Annotated[date | None, BeforeValidator(iso_date)] = Field(
        None, description="The day on which the permission ends; `envgen lint` reports the runtime after it."
    )


class Runtime(Model):
    """A language in one version: what services `uses`."""

    language: str = Field(description="The language.", examples=["node"])
    version: Version = Field(description="Its version, in quotes.", examples=["16", "22.11"])
    variant: str | None = Field(
        None,
        description="The variant of the official image, such as `bullseye-slim`; the default is a slim Debian.",
        examples=["bullseye-slim", "alpine"],
    )
    eol: Eol | None = Field(None, description="Permission to use the runtime past its end of life.")


class User(Model):
    """The user that a container runs as; created in the image where the base image has no such user."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] = Field(
        description="The user's and group's name.", examples=["app"]
    )
    uid: int = Field(ge=1, le=2_000_000_000, description="The numeric user id; 0 (root) is refused.", examples=[10001])
    gid: int | None = Field(None, ge=1, le=2_000_000_000, description="The numeric group id; the default is the uid.")


class Build(ComposeModel):
    """How an image is built: compose's `build`, and what envgen puts into the Dockerfile that it renders."""

    context: str = Field(".", description="The folder that is built, relative to the spec.")
    packages: Annotated[tuple[Package, ...], FromList] = Field(
        (),
        description="System packages (apt or apk, as the variant has it) at build and run time.",
        examples=[["libpq5"]],
    )
    install: str | None = Field(
        None, min_length=1, description="The command that installs production dependencies, in place of the default."
    )
    run: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Words, Tag("<list>")], ByShape] = Field(
        (),
        description="Build steps, each a shell command; they run with development dependencies installed.",
        examples=["npm run build"],
    )
    files: Words = Field((), description="What goes into the image, relative to the context; the default is all of it.")
    env: dict[str, str | int | float | bool] = Field(
        {}, description="Environment variables of the image (ENV); never for secrets.", examples=[{"TZ": "UTC"}]
    )
    secrets: Annotated[tuple[Raw, ...], FromList] = Field(
        (), description="Secrets mounted at /run/secrets/NAME while dependencies install."
    )


class Variable(Model):
    """A typed environment variable."""

    type: Literal["string", "int", "number", "bool", "port", "url", "enum"] = Field(
        "string", description="What the value has to be."
    )
    values: Words = Field((), description="What an enum may be.")
    default: str | int | float | bool | None = Field(None, description="The value where .env and the shell set none.")
    value: str | None = Field(
        None, description="A fixed value, in compose's spelling: `${NAME}` and `${db.host}` work."
    )
    required: bool = Field(
        default=False, description="Whether compose has to refuse to start without a value; so without a default, too."
    )
    description: str = Field("", description="What it is for; goes into .env.example.")
    example: str | int | float | bool | None = Field(None, description="A value for .env.example.")
    secret: bool | Name = Field(
        default=False,
        description="A secret, or the name of the secret that it is; the default name is the variable's in lower case.",
    )
    deliver: Literal["file", "env"] = Field(
        "file", description="How a secret arrives: as NAME_FILE=/run/secrets/..., or in the environment itself."
    )


class Port(ComposeModel):
    """A port in compose's long form; `published` may differ by variant."""

    target: Raw = Field(description="The port in the container.", examples=[3000])
    published: (
        Annotated[Annotated[str | int, Tag("<scalar>")] | Annotated[dict[str, str | int], Tag("<map>")], ByShape] | None
    ) = Field(None, description="The port on the host, or a map from variant to port.", examples=[3014])


class Healthcheck(ComposeModel):
    """Compose's healthcheck, or `http:` with a path that answers below 400."""

    http: Annotated[str, StringConstraints(pattern=r"^/[!-~]*$")] | None = Field(
        None, description="The path to ask for on the service's port.", examples=["/healthz"]
    )
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="The port to ask on; the default is the first of `ports`."
    )


AnyPort = Annotated[Annotated[str | int | float, Tag("<scalar>")] | Annotated[Port, Tag("<map>")], ByShape]
EnvironmentValue = Annotated[Annotated[Scalar, Tag("<scalar>")] | Annotated[Variable, Tag("<map>")], ByShape]
Environment = Annotated[Annotated[dict[str, EnvironmentValue], Tag("<map>")] | Annotated[Words, Tag("<list>")], ByShape]
Uses = Annotated[
    Annotated[str, Tag("<scalar>")]
    | Annotated[Runtime, Tag("<map>")]
    | Annotated[
        tuple[Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Runtime, Tag("<map>")], ByShape], ...],
        Field(min_length=1),
        FromList,
        Tag("<list>"),
    ],
    ByShape,
]


class Service(ComposeModel):
    """A compose service, and envgen's own keys."""

    uses: Uses | None = Field(
        None,
        description="The runtime that the image is built for: a name from `runtimes`, `node@16`, or several of them.",
        examples=["node16", ["node14", "node16"], "node@16"],
    )
    preset: str | None = Field(None, description="A ready-made service.", examples=["postgres", "redis"])
    hardening: Literal["strict", "standard", "none"] | None = Field(
        None,
        description="What an unwritten choice means; by default strict with `uses`, standard with `preset`, else none.",
    )
    build: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Build, Tag("<map>")], ByShape] | None = Field(
        None, description="How the image is built."
    )
    user: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[User, Tag("<map>")], ByShape] | None = Field(
        None, description="The user that the container runs as."
    )
    ports: Annotated[tuple[AnyPort, ...], FromList] = Field((), description="Ports published on the host.")
    environment: Environment | None = Field(None, description="Environment variables of the container.")
    healthcheck: Healthcheck | None = Field(None, description="How to tell that the service works.")
    compose: dict[str, Raw] = Field({}, description="Keys for compose that are newer than envgen's schema.")


class Outputs(Model):
    """Where rendered files go, relative to the spec, and what is common to them."""

    compose: str = Field("compose.yaml", description="The compose file; it has to lie beside the spec.")
    env_example: str = Field(".env.example", description="The example of the .env file.")
    dockerfiles: dict[str, str] = Field(
        {},
        description="The path of an image's Dockerfile; the default is CONTEXT/IMAGE.Dockerfile.",
        examples=[{"api": "docker/api.Dockerfile"}],
    )
    syntax: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9._/:@-]*$")] | None = Field(
        None,
        description="The `# syntax=` line of the Dockerfiles; by default there is none: it is fetched at each build.",
        examples=["docker/dockerfile:1"],
    )


class Spec(Model):
    """An envgen.yaml."""

    envgen: Literal[1] = Field(description="The version of this format.")
    name: ProjectName = Field(description="The project's name, as compose takes it.", examples=["shop"])
    defaults: dict[str, Raw] = Field({}, description="Service keys that every service starts from.")
    runtimes: dict[Name, Runtime] = Field({}, description="Languages in the versions that services use.")
    services: dict[str, Service] = Field(min_length=1, description="The services.")
    outputs: Outputs = Field(Outputs(), description="Where rendered files go.")
    lint: LintSettings = Field(LintSettings(), description="How `envgen lint` judges the files beside and below.")
    sections: dict[str, Raw] = Field({}, exclude=True, description="Compose's other sections, and x- keys.")

    _source: Source = PrivateAttr()
    _warnings: tuple[Finding, ...] = PrivateAttr(())

    def attach(self, source: Source, warnings: tuple[Finding, ...]) -> None:
        """Remember where the spec was read from; for `load` only."""
        self._source, self._warnings = source, warnings

    @property
    def source(self) -> Source:
        """The text that the spec was loaded from: where its values stand."""
        return self._source

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth saying of a spec that is fine."""
        return self._warnings

    def written(self, name: str) -> Mapping[str, Data]:
        """A service as the user wrote it, as plain data."""
        found = self._source.data
        for part in ("services", name):
            found = found[part] if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


SERVICE_KEYS = frozenset(Service.model_fields)
ENVGEN_ONLY_SERVICE_KEYS = frozenset({"uses", "preset", "hardening", "compose"})
ENVGEN_ONLY_BUILD_KEYS = frozenset({"packages", "install", "run", "files", "env"})
ENVGEN_ONLY_HEALTHCHECK_KEYS = frozenset({"http", "port"})

__all__ = ["Build", "Healthcheck", "Outputs", "Port", "Route", "Runtime", "Service", "Spec", "User", "Variable"]
