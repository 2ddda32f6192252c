from typing import TYPE_CHECKING, Annotated

import typer

from envgen.cli.console import (
    FINDINGS,
    FormatOption,
    Project,
    cannot,
    check_format,
    complain,
    count,
    print_findings,
    read_project,
)

if TYPE_CHECKING:
    from envgen.finding import Finding


def validate(
    specs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SPEC]...", help="The specs; - is standard input. Default: the nearest envgen.yaml upwards."
        ),
    ] = None,
    *,
    output_format: FormatOption = "text",
) -> None:
    """Check specs, and print everything that is wrong with them.

    Exits with 0 where all is fine, 1 where there are warnings only, 2 where a spec is invalid.
    """
    from envgen.finding import EnvgenError

    check_format(output_format)
    projects: list[Project] = []
    errors: list[Finding] = []
    chosen: list[str | None] = [*dict.fromkeys(specs or ())]
    for spec in chosen or [None]:
        try:
            projects.append(read_project(spec))
        except EnvgenError as error:
            errors += error.findings
    warnings = [warning for project in projects for warning in project.spec.warnings]
    with cannot(output_format):
        if errors:
            raise EnvgenError([*warnings, *errors])
    print_findings(warnings, output_format, [project.spec.source.path for project in projects])
    for project in projects:
        services, images = count(len(project.plan.services), "service"), count(len(project.plan.images), "image")
        complain(f"{project.spec.source.path} is fine: {services}, {images} to build")
    if warnings:
        raise typer.Exit(FINDINGS)
