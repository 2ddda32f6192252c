import typer

from envgen.cli.console import (
    FINDINGS,
    FormatOption,
    SpecArgument,
    cannot,
    check_format,
    complain,
    count,
    print_findings,
    read_project,
)


def validate(spec: SpecArgument = None, output_format: FormatOption = "text") -> None:
    """Check a spec, and print everything that is wrong with it.

    Exits with 0 where it is fine, 1 where there are warnings only, 2 where it is invalid.
    """
    check_format(output_format)
    with cannot(output_format):
        project = read_project(spec)
    print_findings(project.spec.warnings, output_format)
    services, images = count(len(project.plan.services), "service"), count(len(project.plan.images), "image")
    complain(f"{project.spec.source.path} is fine: {services}, {images} to build")
    if project.spec.warnings:
        raise typer.Exit(FINDINGS)
