"""The example of the .env file: every variable that compose takes, in the grammar of compose's dotenv reader."""

import posixpath
import re
import shlex
from collections.abc import Iterator

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.plan.model import EnvVariable
from envgen.templating import Filters, Templates

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One file for the project; none where nothing is taken from .env and no secret is needed."""
    if not plan.variables and not plan.secret_files:
        return
    filters: Filters = {"assigned": assigned, "comment": comment}
    required = [variable for variable in plan.variables if variable.required and variable.default is None]
    optional = [variable for variable in plan.variables if variable not in required]
    text = templates.render(
        "env_example/env.j2",
        filters,
        required=required,
        optional=optional,
        secrets=[
            {"path": shlex.quote(secret.path), "folder": shlex.quote(posixpath.dirname(secret.path) or ".")}
            for secret in plan.secret_files
            if "\n" not in secret.path
        ],
    )
    yield Artifact(path=plan.env_example_path, text=text)


def assigned(variable: EnvVariable) -> str:
    """`NAME=value` with the variable's example or default."""
    value = variable.example if variable.example is not None else variable.default or ""
    return f"{variable.name}={dotenv_value(value)}"


def dotenv_value(text: str) -> str:
    """A value that compose's dotenv reader takes for that very text: single quotes keep all, double quotes escapes."""
    if _PLAIN.fullmatch(text):
        return text
    if "'" not in text and "\n" not in text and "\r" not in text and not text.endswith("\\"):
        return f"'{text}'"
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def comment(text: str) -> str:
    """Text of any number of lines as comment lines."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())
