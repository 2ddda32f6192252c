"""The command line: arguments in, findings and exit codes out. Each command is a module of its own."""

from collections.abc import Sequence
from typing import Annotated

import typer

from envgen import __version__
from envgen.cli import add, env, explain, lint, ports, presets, render, schema, validate

app = typer.Typer(
    name="envgen",
    help="One typed envgen.yaml becomes Dockerfiles, a compose file and what belongs around them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 fine; 1 findings or drift; 2 it can't be done (bad usage, an invalid spec, a missing tool).",
)


def _print_version(value: bool) -> None:  # noqa: FBT001 - the form of an option's callback
    if value:
        typer.echo(f"envgen {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """One typed envgen.yaml becomes Dockerfiles, a compose file and what belongs around them."""


app.command("validate")(validate.validate)
app.command("render")(render.render)
app.command("lint")(lint.lint)
app.command("add")(add.add)
app.command("ports")(ports.ports)
app.command("explain")(explain.explain)
app.command("presets")(presets.presets)
app.command("schema")(schema.schema)
app.add_typer(env.app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; always ends with SystemExit, 130 when interrupted."""
    app(arguments, prog_name="envgen")
