"""What a user may write of a typed environment variable, and of how a secret is made."""

from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from envgen.spec.shapes import ByShape, Model, Name, Words

_Bound = str | int | float | None


class Generate(Model):
    """How `envgen env generate` makes a secret."""

    type: Literal["password", "hex", "base64", "base64url", "uuid"] = Field(
        "password",
        description="password: letters and digits; hex, base64 and base64url: random bytes; uuid: a random UUID.",
    )
    length: int | None = Field(
        None,
        ge=8,
        le=1024,
        description="How many characters a password has, or how many bytes the others are made of; 32 by default.",
        examples=[32],
    )

    @model_validator(mode="after")
    def _has_a_length(self) -> "Generate":
        if self.type == "uuid" and self.length is not None:
            raise ValueError("a UUID has a length of its own; leave out `length`")
        return self


Generated = Annotated[Annotated[bool, Tag("<scalar>")] | Annotated[Generate, Tag("<map>")], ByShape]


class Variable(Model):
    """A typed environment variable."""

    type: Literal["string", "int", "number", "bool", "port", "url", "enum", "duration", "bytes", "path", "json"] = (
        Field("string", description="What the value has to be.")
    )
    values: Words = Field((), description="What an enum may be.", examples=[["debug", "info"]])
    pattern: str | None = Field(
        None,
        description="A regular expression (Rust's syntax: no look-around, no back-references) that all of a text, "
        "URL or path has to match.",
        examples=["[a-z][a-z0-9-]*"],
    )
    min: _Bound = Field(
        None, description="The least that a number, port, duration or size may be.", examples=[1024, "10s", "64m"]
    )
    max: _Bound = Field(None, description="The most that it may be.", examples=[65535, "5m", "1g"])
    min_length: int | None = Field(None, ge=0, description="How many characters a text has at least.")
    max_length: int | None = Field(None, ge=0, description="How many characters a text has at most.")
    default: str | int | float | bool | None = Field(
        None, description="The value where neither .env nor the shell sets one: `${NAME:-default}`."
    )
    value: str | None = Field(
        None,
        description="A fixed value, in compose's spelling: `${NAME}` and `${db.host}` work.",
        examples=["http://${api.host}:${api.port}"],
    )
    required: bool = Field(
        default=False,
        description="Whether compose refuses to start without a value: `${NAME:?}`; there is no default then.",
    )
    description: str = Field("", description="What it is for; goes into .env.example.")
    example: str | int | float | bool | None = Field(
        None, description="What a value looks like, for .env.example.", examples=["https://shop.example.com"]
    )
    secret: bool | Name = Field(
        default=False,
        description="A secret, or the name of the secret that it is; the default name is the variable's in lower case.",
    )
    deliver: Literal["file", "env"] = Field(
        "file", description="How a secret arrives: as NAME_FILE=/run/secrets/..., or in the environment itself."
    )
    generate: Generated = Field(
        default=False,
        description="Whether, and how, `envgen env generate` makes the secret where there is none.",
        examples=[True, {"type": "hex", "length": 32}],
    )
