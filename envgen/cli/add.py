import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envgen.cli import completing
from envgen.cli.console import Project, cannot, complain, load_project, print_text, read_spec, usage_error

if TYPE_CHECKING:
    from envgen.source import Data

_SERVICE_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")  # as compose has it
_DIFF_LINES = 3


def add(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="Presets (postgres, ./presets/queue.yaml), or runtimes (node@22, or a name from `runtimes`).",
            autocompletion=completing.addable,
        ),
    ],
    *,
    service: Annotated[
        str | None,
        typer.Option("--as", metavar="SERVICE", help="The service's name; the default is that of the preset."),
    ] = None,
    context: Annotated[
        str | None, typer.Option("--context", metavar="DIR", help="Of a runtime: the folder that it is built from.")
    ] = None,
    command: Annotated[
        str | None,
        typer.Option("--command", metavar="COMMAND", help="Of a runtime: what it runs, such as 'node app.js'."),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Change nothing; print what would change.")] = False,
    spec: Annotated[
        str | None, typer.Option("--spec", metavar="SPEC", help="The spec. Default: the nearest envgen.yaml upwards.")
    ] = None,
) -> None:
    """Add services to the spec: ready-made ones, or such with a runtime.

    All that stands in the file stays as it is, comments included. A spec that would be invalid is not written.
    """
    from envgen.editing import with_services
    from envgen.inplace import read, replace
    from envgen.secret_files import alone_in

    with cannot("text"):
        if spec == "-":
            raise usage_error("standard input can't be added to", "name the spec's path")
        path, _ = read_spec(spec)
        shown = str(path)
        root = Path(shown).parent
        with alone_in(root):  # two at once would each lose what the other adds
            before = read(Path(shown), root, shown) or ""
            entries = _entries(names, before, shown, service=service, context=context, command=command)
            after = with_services(before, shown, entries)
            old, new = _check(before, after, shown)
            for name in entries:
                if old is not None and name in old.spec.services:
                    message, hint = (
                        f"a spec that this one builds on has a service `{name}`",
                        "`--as NAME` gives the new one",
                    )
                    raise usage_error(message, f"{hint} another name", shown)
            if diff:
                _print_diff(before, after, shown)
                return
            replace(Path(shown), root, shown, before, after)
    _say(entries, old, new, shown)


def _entries(
    names: list[str], text: str, shown: str, *, service: str | None, context: str | None, command: str | None
) -> "dict[str, dict[str, Data]]":
    """The services to add, by name."""
    if service is not None and len(names) > 1:
        raise usage_error("--as names one service, but several are added", "add them one by one", "--as")
    if service is not None and not _SERVICE_NAME.fullmatch(service):
        raise usage_error(f"`{service}` is no name for a service", "letters, digits, `.`, `_` and `-` make one", "--as")
    entries: dict[str, dict[str, Data]] = {}
    for name in names:
        title, entry = _entry(name, _runtimes(text, shown))
        if "uses" in entry:
            entry |= {"build": {"context": context}} if context is not None else {}
            entry |= {"command": list(_words(command))} if command is not None else {}
        elif context is not None or command is not None:
            option = "--context" if context is not None else "--command"
            raise usage_error(f"{option} goes with a runtime, and `{name}` is a preset", file=option)
        title = service or title
        if title in entries:
            raise usage_error(
                f"`{title}` is named twice", "`--as NAME` gives a service a name of its own: add it apart"
            )
        entries[title] = entry
    return entries


def _entry(name: str, named: "dict[str, Data]") -> "tuple[str, dict[str, Data]]":
    """The name and the keys of the service that a word asks for."""
    from envgen import presets, runtimes, suggest

    language, at, _ = name.partition("@")
    if presets.is_file(name):
        return Path(name).stem, {"preset": name}
    if name in presets.names():
        return name, {"preset": name}
    if name in named:
        return name, {"uses": name}
    if at and language in runtimes.names():
        return language, {"uses": name}
    if language in runtimes.names():
        raise usage_error(f"`{name}` needs a version", f"write `{language}@VERSION`")
    known = [*presets.names(), *named, *runtimes.names()]
    near = suggest.closest(language, known)
    hint = f"did you mean `{near}`?" if near else f"there are the presets {', '.join(presets.names())}"
    raise usage_error(f"there is no preset or runtime `{name}`", hint)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise usage_error(f"the command can't be taken apart: {error}", file="--command") from None


def _runtimes(text: str, shown: str) -> "dict[str, Data]":
    from envgen.source import parse

    data = parse(text, shown).data
    found = data.get("runtimes") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _check(before: str, after: str, shown: str) -> tuple[Project | None, Project]:
    """The project without and with the addition; raises EnvgenError with what is wrong with the file.

    What was wrong before is said as it stands on disk; but a spec without services only lacks some, and one that refers
    to a service may be waiting for it.
    """
    from envgen.finding import EnvgenError
    from envgen.source import parse

    try:
        old = load_project(before.encode(), shown)
    except EnvgenError as earlier:
        data = parse(before, shown).data
        try:
            return None, load_project(after.encode(), shown)
        except EnvgenError:
            if isinstance(data, dict) and data.get("services"):
                raise earlier from None
            raise
    return old, load_project(after.encode(), shown)


def _print_diff(before: str, after: str, shown: str) -> None:
    from difflib import unified_diff

    old, new = (text.splitlines(keepends=True) for text in (before, after))
    lines = unified_diff(old, new, f"a/{shown}", f"b/{shown}", n=_DIFF_LINES)
    print_text("".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines))


def _say(entries: "dict[str, dict[str, Data]]", old: Project | None, new: Project, shown: str) -> None:
    """What was added, how others refer to it, and what it wants from the user."""
    from envgen import presets

    for name, entry in entries.items():
        line, _, _ = new.spec.source.place(("services", name), at_key=True)
        preset = new.presets.get(str(entry.get("preset"))) or presets.find(str(entry.get("preset")))
        what = f" ({preset.summary})" if preset else f" ({entry.get('uses')})"
        complain(f"added `{name}`{what} to {shown}, line {line}")
        attributes = ("host", "port", "url") if preset else ("host",)
        complain("others refer to it as " + ", ".join(f"${{{name}.{attribute}}}" for attribute in attributes))
    known = {one.name for one in old.plan.variables} if old else set()
    wanted = [one.name for one in new.plan.variables if one.name not in known]
    files = {one.path for one in old.plan.secret_files} if old else set()
    secrets = [one.path for one in new.plan.secret_files if one.path not in files]
    if wanted:
        complain(f"it takes from .env: {', '.join(wanted)}")
    if secrets:
        complain(f"it reads the secret {' and '.join(secrets)}; {new.plan.env_example_path} says how to make it")
    complain("next: envgen render")
