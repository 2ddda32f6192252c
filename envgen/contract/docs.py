"""The contract as documentation: a table in Markdown, or data."""

import re
from collections.abc import Iterator, Mapping, Sequence

from envgen.plan import Plan, as_data
from envgen.plan.model import EnvVariable, SecretFile

_VARIABLES = ("Variable", "Type", "Default", "Used by", "Description")
_SECRETS = ("Secret", "File", "Content", "Used by")
_TICKS = re.compile(r"`+")
_MARKUP = re.compile(r"([\\`*_\[\]<>|&~#!])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_SHOWN = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def markdown(plan: Plan) -> str:
    """Tables of the variables and of the secrets, in GitHub's Markdown; the same plan gives the same bytes."""
    parts: list[str] = []
    if plan.variables:
        parts.append(_table(_VARIABLES, [_variable(variable) for variable in plan.variables]))
    if plan.secret_files:
        parts.append(_table(_SECRETS, [_secret(secret) for secret in plan.secret_files]))
    return "\n".join(parts) or "Nothing is taken from the environment.\n"


def data(plan: Plan) -> dict[str, object]:
    """The same as JSON data, with all that is known."""
    return {"variables": as_data(plan.variables), "secrets": as_data(plan.secret_files)}


def _variable(variable: EnvVariable) -> tuple[str, ...]:
    need = "**required**" if variable.required else "" if variable.default is None else code(variable.default)
    kinds = _lines(dict.fromkeys(text(one.summary or "text") for one in variable.types)) or "text"
    if variable.secret:
        kinds += ", secret"
    notes = [text(variable.description)] if variable.description else []
    if variable.example not in (None, variable.default) and not variable.secret:
        notes.append(f"Example: {code(variable.example or '')}")
    if variable.generate is not None:
        notes.append("`envgen env generate` makes it.")
    return code(variable.name), kinds, need, ", ".join(map(code, variable.services)), _lines(notes)


def _secret(secret: SecretFile) -> tuple[str, ...]:
    kinds = _lines(dict.fromkeys(text(one.summary) for one in secret.types if one.summary)) or "text"
    if secret.generate is not None:
        kinds += "; `envgen env generate` makes it"
    return code(secret.name), code(secret.path), kinds, ", ".join(map(code, secret.services))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _lines(parts: "Sequence[str] | Mapping[str, None] | Iterator[str]") -> str:
    return "<br>".join(parts)


def text(words: str) -> str:
    """Words as a cell of a table: nothing in them is markup, and their lines are lines of the cell."""
    return "<br>".join(_MARKUP.sub(r"\\\1", _CONTROL.sub(" ", line)).strip() for line in words.splitlines())


def code(value: str) -> str:
    """A value as code in a cell of a table; characters that no cell can hold are escaped as in a shell's $'...'."""
    if not value:
        return "(empty)"
    shown = _CONTROL.sub(lambda match: _SHOWN.get(match[0], f"\\x{ord(match[0]):02x}"), value)
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    # the pad is dropped by every reader; a value of nothing but spaces keeps its own
    pad = " " if "`" in (shown[0], shown[-1]) or (shown[0] == shown[-1] == " " and shown.strip()) else ""
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|")
