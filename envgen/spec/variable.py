"""What a user may write of a typed environment variable."""

from typing import Literal

from pydantic import Field

from envgen.spec.shapes import Model, Name, Words


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
