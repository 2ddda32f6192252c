"""What a user may write in envgen.yaml: the typed part, with the descriptions that editors show.

Keys of the compose specification that envgen doesn't extend are kept as they are (`Service.compose_keys`) and checked
against the compose-spec schema; see `envgen.spec.load`. Field descriptions become the JSON schema's.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, StringConstraints, Tag

from envgen.finding import Finding
from envgen.source import Data, Source
from envgen.spec.build import Build
from envgen.spec.lint_settings import LintSettings
from envgen.spec.runtime import Runtime, User
from envgen.spec.shapes import ByShape, ComposeModel, FromList, Model, Name, Raw, Scalar, Words
from envgen.spec.variable import Variable

ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=63)]


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
