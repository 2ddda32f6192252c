from typing import TYPE_CHECKING, Annotated

import typer

from envgen.cli import completing
from envgen.cli.console import cannot, print_text, usage_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envgen.lint.about import About

_FORMATS = ("text", "json")


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help="A code, its name, or another tool's name for the rule. Without it, all are listed.",
            autocompletion=completing.codes,
        ),
    ] = None,
    *,
    list_all: Annotated[bool, typer.Option("--list", help="List every code with its severity.")] = False,
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="How it is printed: text or json.",
            autocompletion=lambda incomplete: [one for one in _FORMATS if one.startswith(incomplete)],
        ),
    ] = "text",
) -> None:
    """Say what a rule wants, why, and how to silence it; offline."""
    from envgen.lint import about, documentation

    with cannot("text", "explained"):
        if output_format not in _FORMATS:
            raise usage_error(f"there is no output format `{output_format}`", "there are `text` and `json`", "--format")
        if code is not None and list_all:
            raise usage_error("--list and a code don't go together")
        found = about.every() if code is None else about.search(code)
        if not found:
            raise usage_error(f"there is no rule `{code}`", _hint(code or "", about.every()))
    if output_format == "json":
        print_text(_json(found))
    elif code is None:
        print_text(documentation.table(found))
    else:
        print_text("\n".join(documentation.text(one) for one in found))


def _hint(word: str, every: "Sequence[About]") -> str:
    from envgen import suggest

    number = f"EG{''.join(filter(str.isdecimal, word))}"
    names = {one.code: one.name for one in every}
    # codes are alike: a letter is a slip, a digit may be any
    near = number if number in names else suggest.closest(word.strip().lower().replace("_", "-"), names.values())
    return f"did you mean `{near}`?" if near else "`envgen explain` lists them all"


def _json(found: "Sequence[About]") -> str:
    """`{"version": 1, "rules": [...]}`; keys may be added."""
    import json

    rules = [
        {
            "code": one.code,
            "name": one.name,
            "tool": one.tool,
            "severity": one.severity,
            "scope": one.scope,
            "default": one.default,
            "since": one.since,
            "summary": one.summary,
            "reason": one.reason,
            "bad": one.bad,
            "good": one.good,
            "same_as": one.same_as,
            "url": one.url,
        }
        for one in found
    ]
    return json.dumps({"version": 1, "rules": rules}, indent=2) + "\n"
