"""Checks real env files against the contract. No finding holds a value: any of them may be a secret."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envgen import codes, dotenv, suggest
from envgen.allocation import SUBNET
from envgen.finding import Finding
from envgen.plan.model import Blank, EnvVariable
from envgen.plan.variables import PLACEHOLDER

# https://docs.docker.com/compose/how-tos/environment-variables/envvars/, read 2026-11-24
_COMPOSE = frozenset(
    {
        "COMPOSE_ANSI", "COMPOSE_BAKE", "COMPOSE_CONVERT_WINDOWS_PATHS", "COMPOSE_DISABLE_ENV_FILE",
        "COMPOSE_ENV_FILES", "COMPOSE_EXPERIMENTAL", "COMPOSE_FILE", "COMPOSE_HTTP_TIMEOUT",
        "COMPOSE_IGNORE_ORPHANS", "COMPOSE_MENU", "COMPOSE_PARALLEL_LIMIT", "COMPOSE_PATH_SEPARATOR",
        "COMPOSE_PROFILES", "COMPOSE_PROGRESS", "COMPOSE_PROJECT_NAME", "COMPOSE_REMOVE_ORPHANS",
        "COMPOSE_STATUS_STDOUT", "COMPOSE_TLS_VERSION",
    }
)  # fmt: skip
_OF_DOCKER = re.compile(r"(?:DOCKER|BUILDKIT|BUILDX)_\w+|(?:https?|no|all|ftp)_proxy", re.IGNORECASE)
# other than lines of base64: in one case, or in words
_USUAL = re.compile(r"[A-Z0-9_]+|[a-z0-9_]+|\w*_\w*")
_USED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """An env file that compose reads: its path as the user should see it, and its text.

    `is_open`: whether names that the contract doesn't know may be meant for somebody else.
    """

    path: str
    text: str
    is_open: bool = False


@dataclass(slots=True)
class _Set:
    """Where a variable is set, and to what; `value` is None where only the shell knows."""

    path: str
    line: int
    column: int
    value: str | None


@dataclass(slots=True)
class _Read:
    """What the files say together: the last of several holds."""

    found: list[Finding] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    places: dict[str, _Set] = field(default_factory=dict)


def check(
    variables: Sequence[EnvVariable],
    files: Sequence[EnvFile],
    shell: Mapping[str, str] | None = None,
    *,
    default_path: str = ".env",
    others: Sequence[str] = (),
) -> list[Finding]:
    """What is wrong with env files, in their order; `shell` is what compose finds set there, None: not asked for.

    What is missing is reported in the last file, or at `default_path` where there is none. `others` are names that
    are known beside those of the variables.
    """
    read = _Read()
    names = {*others, *(variable.name for variable in variables)}
    for file in files:
        _read(file, names, shell, read)
    path = files[-1].path if files else default_path
    for variable in variables:
        read.found += _variable(variable, read, shell, path, is_there=bool(files))
    order = {file.path: number for number, file in enumerate(files)}
    return sorted(read.found, key=lambda one: (order.get(one.file, len(order)), one.line, one.column, one.code))


def values_of(files: Sequence[EnvFile], shell: Mapping[str, str] | None) -> dict[str, str]:
    """The variables that compose would have, as far as the files can be read."""
    found: dict[str, str] = {}
    for file in files:
        try:
            found = dotenv.parse(file.text, _lookup(shell), found)
        except dotenv.DotenvError:
            continue  # `check` reports it
    return {**found, **(shell or {})}


def finding(code: str, place: tuple[str, int, int], message: str, hint: str | None = None, width: int = 1) -> Finding:
    """A finding about a file that may hold secrets: without an excerpt."""
    path, line, column = place
    severity = codes.CODES[code].severity
    return Finding(
        code=code, severity=severity, file=path, line=line, column=column, message=message, hint=hint, width=width
    )


def _lookup(shell: Mapping[str, str] | None) -> Callable[[str], str | None]:
    return (shell or {}).get


def _read(file: EnvFile, names: Collection[str], shell: Mapping[str, str] | None, read: _Read) -> None:
    here: dict[str, _Set] = {}
    used = set(_USED.findall(file.text))
    try:
        for one in dotenv.assignments(file.text, _lookup(shell), read.values):
            place = (file.path, one.line, one.column)
            if one.name in here:
                message = f"{_shown(one, names)} is set on line {here[one.name].line}, too, and compose takes the last"
                read.found.append(finding(codes.ENV_TWICE, place, message, "remove one of the two", len(one.name)))
            elif not file.is_open and one.name not in used:
                read.found += _unknown(one, place, names)
            value = one.value if one.value is not None else (shell or {}).get(one.name, read.values.get(one.name))
            here[one.name] = read.places[one.name] = _Set(*place, value)
            if value is not None:
                read.values[one.name] = value
    except dotenv.DotenvError as error:
        message = f"compose can't read this: {error.reason}"
        hint = "write NAME=value, with quotes that close and `$$` or single quotes for a dollar"
        read.found.append(finding(codes.ENV_SYNTAX, (file.path, error.line, error.column), message, hint))


def _unknown(one: dotenv.Assignment, place: tuple[str, int, int], names: Collection[str]) -> Iterator[Finding]:
    name = one.name
    if name in names or name in _COMPOSE or name == SUBNET or _OF_DOCKER.fullmatch(name):
        return
    near = suggest.closest(name, {*names, *_COMPOSE})
    if name.startswith("COMPOSE_") and near is None:
        return  # a newer one
    hint = f"did you mean `{near}`?" if near else "remove it, or take it in envgen.yaml"
    if one.value is None and near is None:
        hint = "write NAME=value; a value of several lines stands in quotes"
    message = f"{_shown(one, names)} is no variable that the spec takes" if name else "no name stands before this `=`"
    yield finding(codes.ENV_UNKNOWN, place, message, hint, max(len(name), 1))


def _shown(one: dotenv.Assignment, names: Collection[str]) -> str:
    """The name of a variable in words; not where it may be a line of a secret, such as of a key without quotes."""
    is_base64 = one.value in ("", "=") and not _USUAL.fullmatch(one.name)
    if one.name in names or not (one.value is None or is_base64):
        return f"`{one.name}`"
    return "the name without a value here" if one.value is None else "what is set here"


def _variable(
    variable: EnvVariable, read: _Read, shell: Mapping[str, str] | None, path: str, *, is_there: bool
) -> Iterator[Finding]:
    name = variable.name
    found = read.places.get(name)
    place = (found.path, found.line, found.column) if found else (path, 1, 1)
    value = found.value if found else None
    said = f"`{name}`"
    if shell is not None and name in shell:
        value, said = shell[name], f"`{name}`, as the shell has it,"
    elif found is not None and value is None:
        return  # a bare name: only the shell knows
    if value is None:
        if variable.required:
            message, hint = f"`{name}` is required, and not set", _how_to_set(variable, is_there=is_there)
            yield finding(codes.ENV_MISSING, place, message, hint)
        return
    if value == "" and variable.blank is not Blank.EMPTY:
        if variable.blank is Blank.MISSING:
            message, hint = f"{said} is set to nothing, and is required", _how_to_set(variable, is_there=is_there)
            yield finding(codes.ENV_MISSING, place, message, hint, len(name))
        return
    if value in _placeholders(variable):
        message, hint = f"{said} still has the value of the example", _how_to_set(variable, is_there=True)
        yield finding(codes.ENV_PLACEHOLDER, place, message, hint, len(name))
        return
    for problem in dict.fromkeys(one.problem(value) for one in variable.types):
        if problem is not None:
            hint = f"it takes {', '.join(one.summary for one in variable.types if one.summary)}"
            yield finding(codes.ENV_VALUE, place, f"{said} {problem}", hint, len(name))


def _placeholders(variable: EnvVariable) -> tuple[str | None, ...]:
    """The values that are none: of a secret its public example, too."""
    if variable.secret:
        return (PLACEHOLDER, variable.example)
    return (PLACEHOLDER,) if variable.example == PLACEHOLDER else ()


def _how_to_set(variable: EnvVariable, *, is_there: bool) -> str:
    if variable.generate is not None:
        return "run `envgen env generate`, which writes one into .env"
    if not is_there:
        return "copy .env.example to .env, and fill it in"
    if variable.secret or variable.example in (None, PLACEHOLDER):
        return f"add `{variable.name}=...`, or set it in the shell (--process-env)"
    return f"add it, such as `{variable.name}={dotenv.written(variable.example or '')}`"
