"""What the models of a spec share: frozen maps, and unions that are told apart by their YAML shape."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Strict, StringConstraints

from envgen.source import Data

if TYPE_CHECKING:
    Raw = Data
else:
    Raw = Any  # pydantic can't resolve the recursive alias, and plain data needs no second check

Scalar = str | int | float | bool | None


def _shape(value: object) -> str:
    """Which member of a union a value is meant to be, by its YAML shape; also for values that are models already."""
    if isinstance(value, dict | BaseModel):
        return "<map>"
    return "<list>" if isinstance(value, list | tuple) else "<scalar>"


def iso_date(value: object) -> object:
    """A day in ISO form as a date; raises ValueError for other text."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"`{value}` is no day; write one such as 2099-12-31") from None


ByShape = Discriminator(_shape)
FromList = Strict(strict=False)  # YAML has lists only; strict mode would want a tuple
Words = Annotated[tuple[str, ...], FromList]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$", max_length=63)]


class Model(BaseModel):
    """A frozen map whose keys are all known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ComposeModel(BaseModel):
    """A frozen map of compose's that envgen adds keys to; compose's own keys are in `compose_keys`."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    @property
    def compose_keys(self) -> Mapping[str, Data]:
        """What the user wrote under keys that belong to compose alone."""
        return self.model_extra or {}
