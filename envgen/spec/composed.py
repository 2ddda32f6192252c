"""What of a spec is about other specs: those that it is composed of, and the parameters that it takes from them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from envgen.spec.shapes import ByShape, FromList, Model, Raw, Words

ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]


class Include(Model):
    """Another spec, and what its parameters are."""

    path: str = Field(min_length=1, description="The file, relative to this one.", examples=["./company.yaml"])
    parameters: dict[str, Raw] = Field({}, description="Values for the parameters that it declares.")


class Parameter(Model):
    """A value that whoever includes the spec can set; `${{ parameters.NAME }}` stands for it."""

    type: Literal["string", "int", "number", "bool", "port", "url", "enum", "path", "list", "map"] = Field(
        "string", description="What it takes; a path is relative to the file that sets it."
    )
    values: Words = Field((), description="The values of an enum.", examples=[["debug", "info"]])
    default: Raw = Field(None, description="The value where none is set; without a default one has to be set.")
    description: str = Field("", description="What it is for.")


Includes = Annotated[
    tuple[Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Include, Tag("<map>")], ByShape], ...], FromList
]
Parameters = dict[ParameterName, Parameter]
