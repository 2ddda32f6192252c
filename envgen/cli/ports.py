import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from envgen.cli import completing
from envgen.cli.console import (
    FINDINGS,
    Project,
    SpecArgument,
    cannot,
    complain,
    count,
    print_text,
    read_project,
    usage_error,
)

if TYPE_CHECKING:
    from envgen.env_block import Block
    from envgen.finding import EnvgenError
    from envgen.published import Published


class _Variables(NamedTuple):
    """What compose would find.

    `text` is that of .env (None: there is none), `own` the variables that it sets outside of envgen's block, `env_file`
    all that it sets; those of the shell win.
    """

    text: str | None
    own: Mapping[str, str]
    env_file: Mapping[str, str]
    shell: Mapping[str, str]

    def get(self, name: str) -> str | None:
        return self.shell.get(name, self.env_file.get(name))

    def origin(self, name: str) -> str:
        return "shell" if name in self.shell else ".env" if name in self.env_file else "default"


def ports(
    spec: SpecArgument = None,
    *,
    allocate: Annotated[
        bool,
        typer.Option("--allocate", help="Write free host ports, a project name and a subnet of its own into .env."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --allocate: change nothing; print what would be written.")
    ] = False,
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment",
            metavar="NAME",
            help="Only what this environment publishes.",
            autocompletion=completing.environments,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show which service publishes which port, and what sets it.

    Exits with 1 where two would publish one host port. With --allocate, two checkouts run side by side.
    """
    from contextlib import nullcontext

    from envgen.secret_files import alone_in

    with cannot("text"):
        if dry_run and not allocate:
            raise usage_error("--dry-run goes with --allocate", "without it, nothing is ever written")
        if allocate and spec == "-":
            raise usage_error("--allocate needs a folder to write .env into", "name the spec's path")
        if environment is not None and allocate:
            raise usage_error(
                "--environment and --allocate don't go together", "one .env holds the ports of all of them"
            )
        project = read_project(spec)
        if environment is not None:
            _check_environment(project, environment)
        with alone_in(project.root) if allocate else nullcontext():
            variables = _read_variables(project)
            if allocate:
                variables = _allocate(project, variables, dry_run=dry_run, as_json=as_json)
        entries = [entry for entry in _published(project, variables) if environment in (None, entry.environment)]
    if not allocate or as_json:
        print_text(_json(project, entries, variables) if as_json else _table(entries, variables))
    if _complain_of_collisions(entries):
        raise typer.Exit(FINDINGS)


def _check_environment(project: Project, environment: str) -> None:
    from envgen import suggest

    names = [str(stack.environment) for stack in project.plan.environments]
    if environment not in names:
        hint = suggest.hint(environment, names) or "a spec's environments are those under `environments:`"
        raise usage_error(f"there is no environment `{environment}`", hint)


def _read_variables(project: Project) -> _Variables:
    from envgen import dotenv
    from envgen.checkout import ENV_NAME
    from envgen.env_block import BlockError, split
    from envgen.inplace import read

    shown = (project.root / ENV_NAME).as_posix()
    text = read(project.root / ENV_NAME, project.root, shown)
    shell = dict(os.environ)
    try:
        before, _, after = split(text or "")
        own = dotenv.parse((before + after).removeprefix("\ufeff"), shell.get)
        env_file = dotenv.parse((text or "").removeprefix("\ufeff"), shell.get)
    except BlockError as error:
        raise _env_error(shown, error.line, str(error), "mend the block, or delete what is left of it") from None
    except dotenv.DotenvError as error:
        raise _env_error(shown, error.line, error.reason, "compose refuses the file, too") from None
    return _Variables(text, own, env_file, shell)


def _env_error(shown: str, line: int, message: str, hint: str) -> "EnvgenError":
    from envgen import codes
    from envgen.finding import EnvgenError, Finding, Severity

    finding = Finding(
        code=codes.UNREADABLE, severity=Severity.ERROR, file=shown, line=line, column=1, message=message, hint=hint
    )
    return EnvgenError([finding])


def _published(project: Project, variables: _Variables) -> "tuple[Published, ...]":
    from envgen.dotenv import resolved
    from envgen.published import published

    return published(project.plan, lambda text: resolved(text, variables.get))


def _allocate(project: Project, variables: _Variables, *, dry_run: bool, as_json: bool) -> _Variables:
    """Write .env, and say what is in it; returns the variables as they are then."""
    from envgen.checkout import ENV_NAME, remembered
    from envgen.env_block import replaced, split
    from envgen.inplace import replace

    here, shown = str(project.root.resolve()), (project.root / ENV_NAME).as_posix()
    before = variables.text
    entries = _published(project, variables)
    own = split(before or "")[1]
    with remembered() as checkouts:
        block = _block(project, entries, variables, own, checkouts.blocks(here, own.checkout if own else ""))
        after = replaced(before or "", block)
        if after != before and not dry_run:
            replace(project.root / ENV_NAME, project.root, shown, before, after)
        if not dry_run:
            checkouts.remember(here)
    if after == before:
        complain(f"{shown} is up to date")
    else:
        complain(f"{'would write' if dry_run else 'wrote'} {count(len(block.values), 'variable')} to {shown}")
    if not as_json:
        print_text("".join(f"{name}={value}\n" for name, value in block.values.items()))
    now = variables._replace(env_file={**variables.env_file, **block.values})
    for note in _notes(project, entries, block, now):
        complain(note)
    return now


def _block(
    project: Project,
    entries: "Sequence[Published]",
    variables: _Variables,
    own: "Block | None",
    others: "Sequence[Block]",
) -> "Block":
    from envgen.allocation import PROJECT, SUBNET, AllocationError, Machine, allocate
    from envgen.checkout import is_free, outgoing_ports, routes

    movable = dict.fromkeys(entry.movable for entry in entries if entry.movable and not entry.discarded)
    wanted = [name for name in (PROJECT, *movable, SUBNET) if name not in variables.own]
    fixed = {number for entry in entries if entry.movable not in wanted for number in entry.numbers}
    networks = routes()

    def has_route(prefix: str) -> bool:
        from ipaddress import IPv4Network

        network = IPv4Network(f"{prefix}.0.0/16")
        # a route to all of 10.0.0.0/8 (a company's VPN) says nothing about a part of it
        return any(network.overlaps(other) and other.prefixlen > 8 for other in networks)  # noqa: PLR2004

    machine = Machine(
        is_free=lambda port: port not in fixed and is_free(port), has_route=has_route, avoided=outgoing_ports()
    )
    try:
        return allocate(project.plan.name, wanted, str(project.root.resolve()), own, others, machine)
    except AllocationError as error:
        raise usage_error(str(error), "stop what runs here, or set the variables in .env yourself") from None


def _notes(project: Project, entries: "Sequence[Published]", block: "Block", variables: _Variables) -> Iterator[str]:
    """What keeps two checkouts from running side by side all the same, and what .env lacks."""
    from envgen.published import shared

    for name in block.values:
        if name in variables.shell:
            yield f"{name} is set in your shell, too, which wins over .env"
    for entry in entries:
        if len(entry.numbers) and not entry.movable:
            name = f"{entry.service.upper().replace('-', '_').replace('.', '_')}_PORT"
            port = entry.host_port
            advice = (
                f"set it by a variable, such as ${{{name}:-{port}}}" if port and port.isdecimal() else "use one port"
            )
            yield f"the host port {port} of `{entry.service}` is fixed: {advice}"
    yield from shared(project.plan)
    missing = [one.name for one in project.plan.variables if one.required and not variables.get(one.name)]
    if missing:
        yield f"still missing in .env: {', '.join(missing)}; {project.plan.env_example_path} explains them"
    files = [one.path for one in project.plan.secret_files if not (project.root / one.path).exists()]
    if files:
        yield f"still missing: {', '.join(files)}"


def _complain_of_collisions(entries: "Sequence[Published]") -> bool:
    from envgen.published import collisions

    found = list(collisions(entries))
    for one, other, number in found:
        complain(f"`{one.service}` and `{other.service}` would both publish the host port {number}/{one.protocol}")
    return bool(found)


def _table(entries: "Sequence[Published]", variables: _Variables) -> str:
    rows = [("ENVIRONMENT", "SERVICE", "CONTAINER", "HOST", "SET BY")]
    for entry in entries:
        settings = (f"{name} ({_setting(name, variables)})" for name in entry.variables)
        set_by = f"not published: {entry.discarded}" if entry.discarded else ", ".join(settings) or "the spec"
        container = f"{entry.target}/{entry.protocol}"
        rows.append((entry.environment or "-", entry.service, container, entry.address, set_by))
    if not entries:
        return "no service publishes a port\n"
    columns = range(0 if any(entry.environment for entry in entries) else 1, 5)
    widths = [max(len(row[at]) for row in rows) for at in range(5)]
    lines = ("  ".join(row[at].ljust(widths[at]) for at in columns) for row in rows)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _setting(name: str, variables: _Variables) -> str:
    value, origin = variables.get(name), variables.origin(name)
    return origin if value is None else f"{value} from {'the shell' if origin == 'shell' else origin}"


def _json(project: Project, entries: "Sequence[Published]", variables: _Variables) -> str:
    """`{"version": 1, "project": ..., "ports": [...], "collisions": [...]}`; keys may be added."""
    import json

    from envgen.published import collisions

    listed = [
        {
            "environment": entry.environment or None,
            "service": entry.service,
            "container_port": entry.target,
            "protocol": entry.protocol,
            "host_ip": entry.host_ip or None,
            "host_port": entry.host_port or None,
            "variables": [
                {"name": name, "value": variables.get(name), "origin": variables.origin(name)}
                for name in entry.variables
            ],
            "profiles": list(entry.profiles),
            "discarded": entry.discarded or None,
        }
        for entry in entries
    ]
    clashes = [
        {"services": [one.service, other.service], "host_port": number, "protocol": one.protocol}
        for one, other, number in collisions(entries)
    ]
    name = variables.get("COMPOSE_PROJECT_NAME") or project.plan.name
    data = {"version": 1, "project": name, "ports": listed, "collisions": clashes}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
