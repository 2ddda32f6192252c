"""What a user may write of how an image is built."""

from typing import Annotated

from pydantic import Field, StringConstraints, Tag

from envgen.spec.shapes import ByShape, ComposeModel, FromList, Raw, Words

Package = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.:=~_-]*$")]


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
