"""What all environments of a project take from .env: the variables and secret files of each stack, as one list."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from envgen.plan.model import EnvVariable, SecretFile

Named = tuple[str | None, Sequence[EnvVariable]]


def all_variables(stacks: Iterable[Named]) -> tuple[EnvVariable, ...]:
    """The variables of several environments (None: the spec without an overlay), each once.

    What the first that has a variable says of it holds; where another says otherwise, the description tells.
    """
    found: dict[str, EnvVariable] = {}
    for environment, variables in stacks:
        for variable in variables:
            known = found.get(variable.name)
            if known is None:
                found[variable.name] = replace(variable, description=_only(variable.description, environment))
                continue
            found[variable.name] = replace(
                known,
                description=_also(known, variable, environment),
                example=variable.example if (known.example, known.default) == (None, None) else known.example,
                secret=known.secret or variable.secret,
                services=tuple(dict.fromkeys((*known.services, *variable.services))),
                types=tuple(dict.fromkeys((*known.types, *variable.types))),
                generate=known.generate or variable.generate,
            )
    return tuple(found.values())


def all_secret_files(stacks: Iterable[Sequence[SecretFile]]) -> tuple[SecretFile, ...]:
    """The secret files of several environments, each path once."""
    found: dict[tuple[str, str], SecretFile] = {}
    for files in stacks:
        for file in files:
            known = found.get((file.name, file.path))
            if known is None:
                found[file.name, file.path] = file
                continue
            found[file.name, file.path] = replace(
                known,
                services=tuple(dict.fromkeys((*known.services, *file.services))),
                types=tuple(dict.fromkeys((*known.types, *file.types))),
                generate=known.generate or file.generate,
            )
    return tuple(found.values())


def _only(description: str, environment: str | None) -> str:
    return description if environment is None else f"{description}\nFor {environment}.".strip()


def _also(known: EnvVariable, other: EnvVariable, environment: str | None) -> str:
    said = ""
    if other.required and not known.required:
        said = f"Required in {environment}."
    elif not other.required and known.required:
        said = f"Not required in {environment}."
    elif other.default != known.default:
        said = f"Without it in {environment}: {other.default!r}"
    return known.description if said in known.description.split("\n") else f"{known.description}\n{said}".strip()
