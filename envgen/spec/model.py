"""What a user may write in envgen.yaml: the typed part, with the descriptions that editors show.

Keys of the compose specification that envgen doesn't extend are kept as they are (`Service.compose_keys`) and checked
against the compose-spec schema; see `envgen.spec.load`. Field descriptions become the JSON schema's.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, StringConstraints, Tag

from envgen.finding import Finding
from envgen.provenance import Layer, layers_at
from envgen.source import Data, Source
from envgen.spec.build import Build
from envgen.spec.composed import Includes, Parameters
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
    preset: str | None = Field(
        None,
        description="A ready-made service, or with a slash a file of your own.",
        examples=["postgres", "redis", "./presets/queue.yaml"],
    )
    hardening: Literal["strict", "standard", "none"] | None = Field(
        None,
        description="What an unwritten choice means; by default strict with `uses`, standard with `preset`, else none.",
    )
    build: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Build, Tag("<map>")], ByShape] | None = Field(
        None,
        description="How the image is built: the folder, or a map.",
        examples=["./api", {"context": "./api", "run": "npm run build"}],
    )
    user: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[User, Tag("<map>")], ByShape] | None = Field(
        None,
        description="The user that the container runs as: compose's text, a map, or `host` for whoever runs compose."
        " With `uses` and nothing written it is {name: app, uid: 10001, gid: 10001}.",
        examples=["1000:1000", "host", {"name": "app", "uid": 10001}],
    )
    ports: Annotated[tuple[AnyPort, ...], FromList] = Field(
        (),
        description="Ports published on the host; with hardening on 127.0.0.1, where no address is written.",
        examples=[[3000], ["8080:80"], [{"target": 3000, "published": 3014}]],
    )
    environment: Environment | None = Field(
        None,
        description="Environment variables of the container; a map as the value makes a typed variable.",
        examples=[{"NODE_ENV": "production", "LOG_LEVEL": {"type": "enum", "values": ["debug", "info"]}}],
    )
    healthcheck: Healthcheck | None = Field(
        None, description="How to tell that the service works.", examples=[{"http": "/healthz", "interval": "5s"}]
    )
    compose: dict[str, Raw] = Field(
        {}, description="Keys for compose that are newer than envgen; they are passed on as they are, with a warning."
    )


class Outputs(Model):
    """Where rendered files go, relative to the spec, and what is common to them."""

    compose: str = Field("compose.yaml", description="The compose file; it has to lie beside the spec.")
    env_example: str = Field(".env.example", description="The file that explains what `.env` may hold.")
    dockerfiles: dict[str, str] = Field(
        {},
        description="The path of an image's Dockerfile; the default is CONTEXT/IMAGE.Dockerfile.",
        examples=[{"api": "docker/api.Dockerfile"}],
    )
    environments: dict[str, str] = Field(
        {},
        description="The compose file of an environment; the default is compose.ENVIRONMENT.yaml.",
        examples=[{"dev": "docker-compose.dev.yml"}],
    )
    overlays: bool = Field(
        False,  # noqa: FBT003 - a default is no argument
        description="Whether each environment is rendered as an overlay on the compose file, too, for"
        " `docker compose -f compose.yaml -f compose.dev.overlay.yaml`.",
    )
    syntax: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9._/:@-]*$")] | None = Field(
        None,
        description="The `# syntax=` line of the Dockerfiles; by default there is none: it is fetched at each build.",
        examples=["docker/dockerfile:1"],
    )


class Head(Model):
    """What a spec says of itself, also where others include it."""

    envgen: Literal[1] = Field(description="The version of this format.")
    name: ProjectName | None = Field(None, description="The project's name, as compose takes it.", examples=["shop"])
    specs: Includes = Field(
        (),
        description="Other specs, relative to this one. Each is laid over those before it, and this file over all.",
        examples=[["./company.yaml"]],
    )
    parameters: Parameters = Field(
        {},
        description="What a spec that includes this one can set; `${{ parameters.NAME }}` stands for the value.",
        examples=[{"port": {"type": "port", "default": 8025}}],
    )
    outputs: Outputs = Field(Outputs(), description="Where rendered files go.")
    lint: LintSettings = Field(LintSettings(), description="How `envgen lint` judges the files beside and below.")


class Spec(Head):
    """An envgen.yaml, with the specs that it is composed of."""

    name: ProjectName = Field(description="The project's name, as compose takes it.", examples=["shop"])
    defaults: dict[str, Raw] = Field(
        {},
        description="Keys of a service that lie under every service.",
        examples=[{"restart": "unless-stopped", "logging": {"driver": "local"}}],
    )
    runtimes: dict[Name, Runtime] = Field(
        {},
        description="Languages in the versions that services use, by names of your own.",
        examples=[{"node22": {"language": "node", "version": "22"}}],
    )
    services: dict[str, Service] = Field({}, description="The services; there may be none beside an `include`.")
    environments: dict[str, dict[str, Raw] | None] = Field(
        {},
        description="What differs in an environment: each is laid over the spec, and rendered to a compose file of its"
        " own.",
        examples=[{"dev": {"services": {"api": {"build": {"target": "dev"}, "user": "host"}}}}],
    )
    templates_dir: str | None = Field(
        None,
        min_length=1,
        description="A folder of Jinja templates of your own, which take the place of envgen's by their path in it.",
        examples=["./templates"],
    )
    sections: dict[str, Raw] = Field({}, exclude=True, description="Compose's other sections, and x- keys.")

    _source: Source = PrivateAttr()
    _warnings: tuple[Finding, ...] = PrivateAttr(())
    _resolved: Mapping[str, "Spec"] = PrivateAttr({})

    def attach(
        self, source: Source, warnings: tuple[Finding, ...], environments: Mapping[str, "Spec"] | None = None
    ) -> None:
        """Remember where the spec was read from, and what it is in its environments; for `load` only."""
        self._source, self._warnings, self._resolved = source, warnings, environments or {}

    def environment(self, name: str) -> "Spec":
        """The spec as it is in one of its `environments`; it has none itself. Raises KeyError for any other name."""
        return self._resolved[name]

    @property
    def in_all(self) -> tuple["Spec", ...]:
        """The spec without an overlay, then in each of its environments."""
        return (self, *self._resolved.values())

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

    def layers(self, *route: str) -> tuple[Layer, ...]:
        """What each file and environment says at a route, such as ("services", "api"): the lowest first."""
        return layers_at(self._source, *route)


SERVICE_KEYS = frozenset(Service.model_fields)
ENVGEN_ONLY_SERVICE_KEYS = frozenset({"uses", "preset", "hardening", "compose"})
ENVGEN_ONLY_BUILD_KEYS = frozenset(
    {
        "app", "assets", "build_packages", "certificates", "env", "files", "install", "locale", "options",
        "package_manager", "packages", "run", "steps", "timezone",
    }
)  # fmt: skip
ENVGEN_ONLY_BUILD_SECRET_KEYS = frozenset({"env", "mount"})
ENVGEN_ONLY_HEALTHCHECK_KEYS = frozenset({"http", "port"})
