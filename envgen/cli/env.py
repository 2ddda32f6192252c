"""`envgen env`: the contract with .env and secret files, checked, explained and fulfilled."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    tally,
    usage_error,
)

if TYPE_CHECKING:
    from envgen.contract.check import EnvFile
    from envgen.contract.secret_checks import FileState
    from envgen.finding import Finding
    from envgen.plan.model import EnvVariable, SecretFile

app = typer.Typer(
    name="env",
    help="The variables and secrets that a project takes: check them, explain them, make them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

EnvFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--env-file",
        metavar="FILE",
        help="The env file; may be repeated, as for compose the last one wins. Default: .env beside the spec.",
    ),
]
ProcessEnv = Annotated[
    bool,
    typer.Option("--process-env", help="Take what is set in the shell, too; it wins over env files, as for compose."),
]
Environment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        metavar="NAME",
        help="What this environment takes; the default is all of them.",
        autocompletion=completing.environments,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("check")
def check(
    spec: SpecArgument = None,
    *,
    env_file: EnvFiles = None,
    environment: Environment = None,
    process_env: ProcessEnv = False,
    output_format: FormatOption = "text",
) -> None:
    """Check .env and the files of secrets against the spec: what is missing, unknown or wrong.

    Exits with 1 where anything is. No finding shows a value.
    """
    from envgen.contract.check import check as check_variables
    from envgen.contract.check import values_of
    from envgen.contract.secret_checks import check_secrets

    check_format(output_format, "checked")
    with cannot(output_format, "checked"):
        project = read_project(spec)
        shell = dict(os.environ) if process_env else None
        files = _env_files(project, env_file)
        others = [variable.name for variable in project.plan.variables]
        project = _only(project, environment)
        plan, default = project.plan, _shown(project.root / ".env")
        found = check_variables(plan.variables, files, shell, default_path=default, others=others)
        states = _states(project, values_of(files, shell))
        found += check_secrets(states)
    print_findings(found, output_format, [file.path for file in files])
    variables, secrets = count(len(plan.variables), "variable"), count(len(states), "secret")
    complain(f"{variables}, {secrets}: {tally(found) if found else 'fine'}")
    if found:
        raise typer.Exit(FINDINGS)


@app.command("docs")
def docs(spec: SpecArgument = None, *, as_json: Json = False) -> None:
    """Print the variables and secrets as a table in Markdown."""
    from envgen.contract import docs as contract_docs

    with cannot("text", "printed"):
        plan = read_project(spec).plan
    if as_json:
        print_text(json.dumps(contract_docs.data(plan), indent=2, ensure_ascii=False) + "\n")
    else:
        print_text(contract_docs.markdown(plan))


@app.command("generate")
def generate(spec: SpecArgument = None, *, as_json: Json = False) -> None:
    """Make the secrets that are missing and can be made; what is there stays as it is.

    Files go where compose reads them, secrets of the environment into .env. No value is ever printed.
    """
    from envgen import secret_files
    from envgen.contract.check import values_of

    with cannot("text"):
        project = read_project(spec)
        with secret_files.alone_in(project.root):
            files = _env_files(project, None)
            paths = _paths(project, values_of(files, None))
            new_files, kept, left = _planned_files(project, paths)
            env_text, in_env, kept_in_env = _planned_env(project, files)
            for secret, value in new_files.items():
                secret_files.make(project.root, paths[secret], value)
            if in_env:
                secret_files.replace(project.root / ".env", env_text)
    env_path = _shown(project.root / ".env")
    made = [(secret.name, _shown(project.root / paths[secret])) for secret in new_files]
    made += [(name, env_path) for name in in_env]
    there = [(secret.name, _shown(project.root / paths[secret])) for secret in kept]
    there += [(name, env_path) for name in kept_in_env]
    missing = [(secret.name, _shown(project.root / paths[secret])) for secret in left]
    if as_json:
        lists = {"made": made, "kept": there, "missing": missing}
        listed = {key: [{"name": name, "path": path} for name, path in one] for key, one in lists.items()}
        print_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    _report(made, there, missing)
    _warn_of_git(project.root, dict.fromkeys(path for _, path in (*made, *there)))


def _only(project: Project, environment: str | None) -> Project:
    """The project in one environment; as it is where none is named."""
    if environment is None:
        return project
    names = [str(stack.environment) for stack in project.plan.environments]
    if environment not in names:
        hint = f"there are {', '.join(f'`{name}`' for name in names)}" if names else "the spec has none"
        raise usage_error(f"there is no environment `{environment}`", hint, "--environment")
    return project._replace(plan=project.plan.only(environment))


def _report(
    made: Sequence[tuple[str, str]], there: Sequence[tuple[str, str]], missing: Sequence[tuple[str, str]]
) -> None:
    for name, path in made:
        complain(f"made the secret {name} in {path}")
    for name, path in missing:
        complain(f"the secret {name} can't be made: write it into {path} (mode 444)")
    if not made:
        complain(f"nothing to make: {count(len(there), 'secret')} there already" if there else "nothing to make")


def _env_files(project: Project, named: Sequence[str] | None) -> "list[EnvFile]":
    """The env files that are named, or the project's .env where there is one."""
    from envgen.contract.check import EnvFile

    paths = [Path(name) for name in named] if named else [project.root / ".env"]
    files = []
    for path in paths:
        shown = _shown(path)
        try:
            if path.exists() and not path.is_file():
                raise usage_error("this is no regular file", file=shown)
            text = path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            if not named:
                continue
            raise usage_error("there is no such file", "name an env file, or leave out --env-file", shown) from None
        except UnicodeDecodeError:
            raise usage_error("the file is no UTF-8 text", file=shown) from None
        except OSError as error:
            raise usage_error(f"the file can't be read: {error.strerror or error}", file=shown) from None
        files.append(EnvFile(path=shown, text=text, is_open=_is_open(project, path)))
    return files


def _is_open(project: Project, path: Path) -> bool:
    """Whether a name in an env file may be for others: services that take all of it, or files that compose includes."""
    from envgen.contract.readers import env_files, has_other_files

    if has_other_files(project.plan):
        return True
    return any((project.root / name).resolve() == path.resolve() for name in env_files(project.plan))


def _paths(project: Project, values: Mapping[str, str]) -> "dict[SecretFile, str]":
    """Where compose looks for each secret, given the variables that it has; `~` is the user's home."""
    from envgen.dotenv import resolved
    from envgen.interpolation import escape

    paths = {secret: resolved(escape(secret.location), values.get) for secret in project.plan.secret_files}
    return {secret: os.path.expanduser(path) for secret, path in paths.items()}  # noqa: PTH111 - a text stays one


def _states(project: Project, values: Mapping[str, str]) -> "dict[SecretFile, FileState]":
    from envgen.contract.secret_checks import FileState
    from envgen.secret_files import look

    states = {}
    for secret, path in _paths(project, values).items():
        found = look(project.root, path)
        place = project.root / path
        states[secret] = FileState(
            path=_shown(place),
            exists=found.exists,
            obstacle=found.obstacle,
            text=found.text,
            mode=found.mode,
            folder=_shown(place.parent) if found.folder_mode is not None else None,
            folder_mode=found.folder_mode or 0,
        )
    return states


def _planned_files(
    project: Project, paths: "Mapping[SecretFile, str]"
) -> "tuple[dict[SecretFile, str], list[SecretFile], list[SecretFile]]":
    """Values for the files that are missing, the secrets that are there, and those that only the user can make."""
    from envgen.finding import EnvgenError
    from envgen.secret_files import look, outside

    values: dict[SecretFile, str] = {}
    kept: list[SecretFile] = []
    left: list[SecretFile] = []
    problems: list[Finding] = []
    for secret, path in paths.items():
        found, shown = look(project.root, path), _shown(project.root / path)
        if found.exists and found.obstacle is None and found.text:
            kept.append(secret)
        elif secret.generate is None:
            left.append(secret)
        elif found.exists:
            hint = "remove it, and run this again: envgen replaces no secret"
            problems += usage_error(f"{found.obstacle or 'it is there, but empty'}", hint, shown).findings
        elif (reason := outside(project.root, path)) is not None:
            problems += usage_error(f"the secret can't be made here: {reason}", "make it yourself", shown).findings
        else:
            try:
                values[secret] = _value(secret, shown)
            except EnvgenError as error:
                problems += error.findings
    if problems:
        raise EnvgenError(problems)
    return values, kept, left


def _planned_env(project: Project, files: "Sequence[EnvFile]") -> tuple[str, list[str], list[str]]:
    """The text of .env with the secrets that it lacks, their names, and those that are there."""
    from envgen import dotenv
    from envgen.contract.making import missing, with_values

    wanted = {variable.name: variable for variable in project.plan.variables if variable.generate is not None}
    if not wanted:
        return "", [], []
    text, shown = (files[0].text, files[0].path) if files else ("", _shown(project.root / ".env"))
    try:
        names = list(missing(text, list(wanted)))
        if names and not (project.root / ".env").resolve().is_relative_to(project.root.resolve()):
            raise usage_error("a symbolic link leads out of the project", "write the secrets there yourself", shown)
        text = with_values(text, {name: _value(wanted[name], shown) for name in names})
    except dotenv.DotenvError as error:
        raise usage_error(f"line {error.line}: compose can't read this: {error.reason}", file=shown) from None
    return text, names, [name for name in wanted if name not in names]


def _value(one: "SecretFile | EnvVariable", shown: str) -> str:
    from envgen.contract.making import make

    value = make(one.generate, one.types) if one.generate is not None else None
    if value is None:
        hint = "change its `generate`, or its `pattern`"
        raise usage_error(f"nothing that can be made for {one.name} is what the spec says of it", hint, shown)
    return value


def _warn_of_git(root: Path, paths: Mapping[str, None]) -> None:
    """Says which files git would take along."""
    from envgen.lint import gitignore

    start = Path(os.path.abspath(root))  # noqa: PTH100 - a link stays what it is called
    if not any((folder / ".git").exists() for folder in (start, *start.parents)):
        return
    for path in paths:
        place = Path(os.path.abspath(path))  # noqa: PTH100 - as above
        levels = gitignore.inside(str(start), gitignore.above(str(start)))
        folders = [parent for parent in reversed(place.parents) if parent.is_relative_to(start) and parent != start]
        is_ignored = False
        for folder in folders:
            is_ignored = is_ignored or gitignore.is_ignored(f"{folder}/", levels)
            levels = gitignore.inside(str(folder), levels)
        if not is_ignored and not gitignore.is_ignored(str(place), levels):
            entry = f"/{folders[0].relative_to(start)}/" if folders else f"/{place.name}"
            complain(f"git does not ignore {path}: add `{entry}` to .gitignore")


def _shown(path: Path) -> str:
    """A path as the user would write it: relative where it is below the working directory."""
    whole = Path(os.path.normpath(path.absolute()))
    try:
        return str(whole.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
