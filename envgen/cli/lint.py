from typing import Annotated

import typer

from envgen.cli.console import (
    FINDINGS,
    FormatOption,
    cannot,
    check_format,
    complain,
    count,
    print_findings,
    usage_error,
)

_LEVELS = ("error", "warning", "info", "style")  # those of envgen.finding, which --help has no time to import


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Files and folders; the default is the working directory."),
    ] = None,
    *,
    fail_level: Annotated[
        str,
        typer.Option(
            "--fail-level",
            metavar="LEVEL",
            help="The mildest severity that makes the exit code 1: error, warning, info or style.",
        ),
    ] = "style",
    output_format: FormatOption = "text",
) -> None:
    """Check Dockerfiles, compose files and specs.

    Dockerfiles go through hadolint, compose files through the compose specification, specs through `validate` and
    envgen's own rules.
    """
    from datetime import date

    from envgen.lint import engine, files
    from envgen.project import read_contexts

    check_format(output_format)
    with cannot(output_format):
        if fail_level not in _LEVELS:
            raise usage_error(f"there is no severity `{fail_level}`", f"there is {', '.join(_LEVELS)}", "--fail-level")
        found = files.read(paths or ["."])
        findings = engine.lint(found, today=date.today(), contexts=read_contexts)  # noqa: DTZ011 - the user's own day is meant
    print_findings(findings, output_format)
    failing = [finding for finding in findings if _LEVELS.index(finding.severity) <= _LEVELS.index(fail_level)]
    complain(f"{count(len(found), 'file')}, {count(len(findings), 'finding')}")
    if failing:
        raise typer.Exit(FINDINGS)
