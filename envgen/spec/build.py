"""What a user may write of how an image is built."""

from typing import Annotated

from pydantic import Field, StringConstraints, Tag

from envgen.spec.runtime import Runtime
from envgen.spec.shapes import ByShape, ComposeModel, FromList, Model, Raw, Words

Package = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.:=~_-]*$")]

Commands = Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Words, Tag("<list>")], ByShape]


class Steps(Model):
    """Further steps at named points of the Dockerfile, each a shell command that runs as root."""

    before_install: Commands = Field(
        (),
        description="Before dependencies are installed, in every stage that builds.",
        examples=["npm config set fund false"],
    )
    after_install: Commands = Field(
        (),
        description="After dependencies are installed, in the same stages.",
        examples=["npx playwright install-deps"],
    )
    before_build: Commands = Field(
        (), description="After the sources are copied, before the build steps.", examples=["./make-version.sh"]
    )
    final: Commands = Field(
        (),
        description="Last of all in the image that runs, before it changes to its user.",
        examples=["chmod 755 /app/bin/start"],
    )


class Assets(Model):
    """Files that another language builds: a front end for an app, or all that a static site is."""

    uses: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Runtime, Tag("<map>")], ByShape] = Field(
        description="The runtime that builds them: a name from `runtimes`, or `node@22`.", examples=["node@22"]
    )
    package_manager: str | None = Field(None, description="Its package manager; by default the lock file tells.")
    app: str | None = Field(None, min_length=1, description="The part of the context that is built.")
    install: str | None = Field(None, min_length=1, description="The command that installs its dependencies.")
    run: Commands = Field((), description="Its build steps, each a shell command.", examples=["npm run build"])
    env: dict[str, str | int | float | bool] = Field({}, description="Environment variables while it builds.")
    files: Words = Field(
        min_length=1, description="What is taken over, relative to the context.", examples=[["dist"], ["public/build"]]
    )


class Build(ComposeModel):
    """How an image is built: compose's `build`, and what envgen puts into the Dockerfile that it renders."""

    context: str = Field(".", description="The folder that is built, relative to the spec.")
    packages: Annotated[tuple[Package, ...], FromList] = Field(
        (),
        description="System packages (of apt or apk, as the variant has it) that the image has.",
        examples=[["libpq5"]],
    )
    build_packages: Annotated[tuple[Package, ...], FromList] = Field(
        (), description="System packages that are there only while the image is built.", examples=[["libpq-dev"]]
    )
    package_manager: str | None = Field(
        None, description="The package manager; by default the lock file in the context tells.", examples=["pnpm"]
    )
    app: str | None = Field(
        None,
        min_length=1,
        description="The part of the context that is built: a workspace (Node), a main package (Go), a module (Maven or"
        " Gradle), a project (.NET) or a binary (Rust).",
        examples=["apps/web", "./cmd/server"],
    )
    options: dict[str, Raw] = Field(
        {}, description="Options of the language; its page in docs/languages/ lists them.", examples=[{"jlink": True}]
    )
    assets: Assets | None = Field(None, description="Files that another language builds, such as a front end.")
    certificates: Words = Field(
        (),
        description="Files of CA certificates (PEM, named *.crt), relative to the context, that the image trusts beside"
        " the usual ones.",
        examples=[["certs/company.crt"]],
    )
    timezone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]+$")] | None = Field(
        None, description="The time zone of the image (TZ).", examples=["Europe/Berlin"]
    )
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.@-]*$")] | None = Field(
        None, description="The locale of the image (LANG).", examples=["de_DE.UTF-8"]
    )
    steps: Steps = Field(Steps(), description="Further steps at named points of the Dockerfile.")
    target: str | None = Field(
        None,
        description="With `uses`: `dev` is the stage with development dependencies, `test` the same for tests, and"
        " `runtime` (the default) what is shipped. Else compose's: a stage of your Dockerfile.",
        examples=["dev"],
    )
    install: str | None = Field(
        None,
        min_length=1,
        description="The command that installs production dependencies, in place of the default.",
        examples=["npm ci --omit=dev --ignore-scripts"],
    )
    run: Commands = Field(
        (),
        description="Build steps, each a shell command; they run with development dependencies installed.",
        examples=["npm run build"],
    )
    files: Words = Field(
        (),
        description="What goes into the image, relative to the context; the default is what the language makes, or all"
        " of the context.",
        examples=[["package.json", "dist"]],
    )
    env: dict[str, str | int | float | bool] = Field(
        {}, description="Environment variables of the image (ENV); never for secrets.", examples=[{"FEATURE_X": "1"}]
    )
    secrets: Annotated[tuple[Raw, ...], FromList] = Field(
        (),
        description="Secrets that are there while dependencies install, at /run/secrets/NAME; in the long form `mount`"
        " is another path, and `env` a variable that holds the secret.",
        examples=[["npm_token"], [{"source": "npmrc", "mount": "/root/.npmrc"}]],
    )
