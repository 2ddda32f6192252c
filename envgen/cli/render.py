import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envgen import __version__
from envgen.cli import completing
from envgen.cli.console import (
    FINDINGS,
    FormatOption,
    Project,
    SpecArgument,
    cannot,
    check_format,
    complain,
    count,
    print_findings,
    print_text,
    read_project,
    usage_error,
)
from envgen.cli.watch import check_watch, say
from envgen.cli.watch import watch as watch_spec

if TYPE_CHECKING:
    from envgen.plan import Plan
    from envgen.write import Report


def render(  # noqa: PLR0913 - one parameter an option
    spec: SpecArgument = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 if a file is not up to date.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Change nothing; print what would change.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Change nothing; print the files.")] = False,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="TARGET",
            help="With --stdout: only dockerfile, compose, ...",
            autocompletion=completing.targets,
        ),
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment",
            metavar="NAME",
            help="With --stdout or --plan: only dev, prod, ...",
            autocompletion=completing.environments,
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Change nothing; print the plan as JSON.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that envgen didn't write, or edited by hand.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on: render again when the spec changes.")] = False,
    output_format: FormatOption = "text",
) -> None:
    """Write Dockerfiles, a compose file and what belongs around them.

    A file that envgen didn't write, or that was edited since, is never replaced without --force.
    """
    check_format(output_format)
    with cannot(output_format):
        _check_usage(check=check, diff=diff, stdout=stdout, plan=plan, force=force, target=target)
        if environment is not None and not (stdout or plan):
            raise usage_error(
                "--environment goes with --stdout or --plan", "files are always written together, so that they fit"
            )
        if watch:
            check_watch(spec, check=check, diff=diff, stdout=stdout, plan=plan, force=force)
            watch_spec(spec, output_format, _write)
        project = read_project(spec)
        chosen = project.plan if environment is None else _only(project, environment)
        if plan:
            _print_plan(project, chosen, environment)
        elif stdout:
            _print_files(chosen, target)
        elif check or diff:
            _preview(project, output_format, check=check, force=force)
        else:
            say(_write(project, force=force))


def _check_usage(*, check: bool, diff: bool, stdout: bool, plan: bool, force: bool, target: str | None) -> None:
    from envgen.targets import targets

    chosen = [
        name for name, given in (("--check", check), ("--diff", diff), ("--stdout", stdout), ("--plan", plan)) if given
    ]
    if len(chosen) > 1:
        raise usage_error(f"{' and '.join(chosen)} don't go together", "take one of them")
    if force and chosen and not diff:
        raise usage_error(f"--force and {chosen[0]} don't go together", f"{chosen[0]} changes nothing")
    if target is not None and not stdout:
        raise usage_error("--target goes with --stdout", "files are always written together, so that they fit")
    if target is not None and target not in targets():
        raise usage_error(f"there is no target `{target}`", f"there is {', '.join(targets())}")


def _only(project: Project, environment: str) -> "Plan":
    """The plan of one environment."""
    from envgen import suggest

    names = [str(stack.environment) for stack in project.plan.environments]
    if environment not in names:
        hint = suggest.hint(environment, names) or "a spec's environments are those under `environments:`"
        raise usage_error(f"there is no environment `{environment}`", hint, project.spec.source.path)
    return project.plan.only(environment)


def _print_plan(project: Project, plan: "Plan", environment: str | None) -> None:
    """A plan as JSON; that of one environment with the place that each of its values comes from."""
    from envgen.plan import as_data
    from envgen.plan.placing import origins

    data = as_data(plan)
    if environment is not None and isinstance(data, dict):
        data["origins"] = origins(plan.base, project.spec.environment(environment), project.presets)
    print_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _print_files(plan: "Plan", target: str | None) -> None:
    from envgen.render import render as render_plan

    artifacts = render_plan(plan, target)
    for artifact in artifacts:
        head = f"# ----- {artifact.path}\n" if len(artifacts) > 1 else ""
        print_text(head + artifact.text)


def _preview(project: Project, output_format: str, *, check: bool, force: bool) -> None:
    from envgen.drift import Action, drift_findings
    from envgen.lint.formats._display import expanded
    from envgen.render import plan_hash
    from envgen.render import render as render_plan
    from envgen.write import preview

    changes = preview(
        project.root,
        render_plan(project.plan),
        plan_hash=plan_hash(project.plan),
        version=__version__,
        spec=project.spec_name,
        force=force,
    )
    drift = drift_findings(changes, Path(project.spec.source.path).parent)
    if check:
        print_findings(drift, output_format)
    if output_format == "text":
        diff = "".join(change.diff for change in changes)
        print_text("\n".join(map(expanded, diff.split("\n"))) if sys.stdout.isatty() else diff)
    if not drift:
        complain("every file is up to date")
        return
    refused = any(change.action is Action.REFUSE for change in changes)
    advice = "" if refused else "; `envgen render` writes what the spec says"
    complain(f"{count(len(drift), 'file')} not up to date{advice}")
    if check:
        raise typer.Exit(FINDINGS)


def _write(project: Project, *, force: bool = False) -> "Report":
    from envgen.render import plan_hash
    from envgen.render import render as render_plan
    from envgen.write import write

    return write(
        project.root,
        render_plan(project.plan),
        plan_hash=plan_hash(project.plan),
        version=__version__,
        spec=project.spec_name,
        force=force,
    )
