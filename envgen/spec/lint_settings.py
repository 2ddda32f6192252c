"""`lint:` of a spec, as the linter's configuration files have it; what rules there are is checked by the linter."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Tag

from envgen.spec.shapes import ByShape, FromList, Model, Words, iso_date

Level = Literal["error", "warning", "info", "style"]
LevelOrOff = Literal["error", "warning", "info", "style", "off"]


class IgnoredRule(Model):
    """Findings that are not wanted."""

    rule: str = Field(description="A code, a name, or a glob such as `EG2*` or `DL30*`.", examples=["EG268"])
    path: Annotated[Annotated[str, Tag("<scalar>")] | Annotated[Words, Tag("<list>")], ByShape] = Field(
        (), description="Only in files that these globs match, relative to the spec's folder."
    )
    reason: str | None = Field(None, description="Why; for whoever comes next.")
    until: Annotated[date | None, BeforeValidator(iso_date)] = Field(
        None, description="The last day on which it holds; `envgen lint` reports the entry after it."
    )


class LintSettings(Model):
    """How `envgen lint` judges the files beside and below the spec."""

    select: Words | None = Field(
        None, description="Only these rules: codes, names or globs.", examples=[["EG*", "DL*"]]
    )
    extend_select: Words = Field((), alias="extend-select", description="Also these rules, which are off by default.")
    ignore: Annotated[
        tuple[Annotated[Annotated[str, Tag("<scalar>")] | Annotated[IgnoredRule, Tag("<map>")], ByShape], ...], FromList
    ] = Field((), description="Rules that are not wanted, everywhere or in some files.")
    per_file_ignores: dict[str, Words] = Field(
        {},
        alias="per-file-ignores",
        description="Globs of files, with the rules that are not wanted there.",
        examples=[{"legacy/**": ["DL3*"]}],
    )
    severity: dict[str, LevelOrOff] = Field(
        {}, description="Rules with the severity that they have here.", examples=[{"DL3006": "error"}]
    )
    exclude: Words = Field(
        (), description="Globs of files and folders that a search leaves out.", examples=[["vendor/"]]
    )
    fail_level: Level | None = Field(
        None, alias="fail-level", description="The mildest severity that makes the exit code 1; the default is warning."
    )
    rule_set: int | None = Field(
        None, alias="rule-set", ge=1, description="The newest rules that count; newer ones wait for a major version."
    )
    require_reason: bool = Field(
        default=False, alias="require-reason", description="Whether comments that silence rules have to say why."
    )
    hadolint: bool = Field(default=True, description="Whether hadolint looks at Dockerfiles, too.")
    trusted_registries: Words = Field(
        (), alias="trusted-registries", description="Hosts that images may come from; without any, all may."
    )
    required_labels: Words = Field(
        (), alias="required-labels", description="Labels that a Dockerfile's image has to have."
    )
