"""What `envgen lint --fix` and `--diff` do: mend, or show how."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from envgen.cli.console import FINDINGS, FINE, complain, count, print_text, usage_error

if TYPE_CHECKING:
    from envgen.finding import Finding
    from envgen.lint.files import LintFile
    from envgen.lint.rewrite import Rewrite

    Lint: TypeAlias = Callable[..., Sequence[Finding]]  # of files, and of others with the texts that they shall have

FixOption = Annotated[
    bool,
    typer.Option("--fix", help="Mend what needs no judgement, then say what is left."),
]
UnsafeFixes = Annotated[
    bool, typer.Option("--unsafe-fixes", help="With --fix or --diff: also take fixes that may change what a file does.")
]
DiffOption = Annotated[
    bool, typer.Option("--diff", help="Print what --fix would change, and change nothing; 1 where there is anything.")
]


def check_options(paths: Sequence[str], *, fix: bool, unsafe: bool, diff: bool, others: Mapping[str, object]) -> None:
    """Raises EnvgenError for options that don't go together; `others` are those that neither of these goes with."""
    if unsafe and not (fix or diff):
        raise usage_error("--unsafe-fixes needs --fix or --diff", file="--unsafe-fixes")
    if not (fix or diff):
        return
    option = "--diff" if diff else "--fix"
    if "-" in paths:
        raise usage_error("standard input can't be mended", "name the file", option)
    for other, value in others.items():
        if value:
            raise usage_error(f"{option} and {other} don't go together", file=option)


def find_rewrites(files: "Sequence[LintFile | Finding]", lint: "Lint", *, unsafe: bool) -> "list[Rewrite]":
    """What fixes would change, in the files and in those around them that a finding is about (a .dockerignore).

    `lint` finds what is in files, with others taken to hold other texts.
    """
    from envgen.lint.files import Kind, LintFile
    from envgen.lint.rewrite import rewrites
    from envgen.lint.tree import Tree

    findings = lint(files)
    mendable = dict.fromkeys(one.file for one in findings if one.fix and (unsafe or one.fix.safe))
    linted = {file.path: file for file in files if isinstance(file, LintFile)}
    own = [linted[path] for path in mendable if path in linted]
    around = [
        LintFile(path, text, Kind.DOCKERFILE)
        for path in mendable
        if path not in linted and (text := Tree().text(path)) is not None
    ]
    found = list(rewrites(own, lambda file: lint([file]), unsafe=unsafe))
    return found + list(rewrites(around, lambda file: lint(files, file), unsafe=unsafe))


def show(rewrites: "Sequence[Rewrite]") -> None:
    """Print the changes as a diff; exits with 1 where there are any."""
    print_text("".join(one.diff for one in rewrites))
    complain(f"{_summary(rewrites)} would be mended" if rewrites else "there is nothing to mend")
    raise typer.Exit(FINDINGS if rewrites else FINE)


def apply(rewrites: "Sequence[Rewrite]") -> None:
    """Write the changes, all or none of them."""
    from envgen.lint.rewrite import write

    write(rewrites)
    complain(f"{_summary(rewrites)} mended" if rewrites else "there is nothing to mend")


def _summary(rewrites: "Sequence[Rewrite]") -> str:
    return f"{count(sum(one.count for one in rewrites), 'finding')} in {count(len(rewrites), 'file')}"
