"""What a user may write of a language's runtime, and of the user that a container runs as."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from envgen.spec.shapes import Model, iso_date


def _version_text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float):
        raise ValueError(f"a version needs quotes: YAML reads this as the number {value}; put it in quotes")  # noqa: TRY004 - pydantic's way
    return str(value)


VERSION_FORM = r"^[0-9]+(\.[0-9]+){0,2}$"
Version = Annotated[
    str,
    BeforeValidator(_version_text, json_schema_input_type=str | int),
    StringConstraints(pattern=VERSION_FORM),
]


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

    language: str = Field(description="The language; docs/languages/ has a page for each.", examples=["node", "python"])
    version: Version | None = Field(
        None, description="Its version, in quotes; only `generic` goes without one.", examples=["16", "22.11"]
    )
    variant: str | None = Field(
        None,
        description="The variant of the official image, such as `bullseye-slim`; the default is a slim Debian.",
        examples=["bullseye-slim", "alpine"],
    )
    image: str | None = Field(
        None,
        min_length=1,
        description="An image in place of the official one, such as your company's copy of it; `variant` still says"
        " what it is made of.",
        examples=["registry.example.com/base/node:22-bookworm-slim"],
    )
    eol: Eol | None = Field(None, description="Permission to use the runtime past its end of life.")


class User(Model):
    """The user that a container runs as; created in the image where the base image has no such user."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] = Field(
        description="The user's and group's name.", examples=["app"]
    )
    uid: int = Field(ge=1, le=2_000_000_000, description="The numeric user id; 0 (root) is refused.", examples=[10001])
    gid: int | None = Field(None, ge=1, le=2_000_000_000, description="The numeric group id; the default is the uid.")
