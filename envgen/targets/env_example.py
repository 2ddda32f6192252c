"""The example of the .env file: every variable that compose takes, in the grammar of compose's dotenv reader."""

import posixpath
import shlex
from collections.abc import Iterator, Mapping

from envgen.artifact import Artifact
from envgen.dotenv import written as dotenv_value
from envgen.plan import Plan
from envgen.plan.model import EnvVariable, Generation, SecretFile
from envgen.templating import Filters, Templates

_REQUIRED, _OPTIONAL, _PORTS = "Needed before the first start", "Optional", "Ports on the host"


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One file for the project; none where nothing is taken from .env and no secret is needed."""
    if not plan.variables and not plan.secret_files:
        return
    filters: Filters = {"assigned": assigned, "comment": comment, "terms": terms, "command": command}
    groups: dict[str, list[EnvVariable]] = {_REQUIRED: [], _OPTIONAL: [], _PORTS: []}
    for variable in plan.variables:
        groups[_group(variable)].append(variable)
    secrets = [secret for secret in plan.secret_files if "\n" not in secret.path]
    text = templates.render(
        "env_example/env.j2",
        filters,
        groups=[
            {"title": title, "variables": variables, "mark": "" if title == _REQUIRED else "#"}
            for title, variables in groups.items()
            if variables
        ],
        made=[_made(secret) for secret in secrets if secret.generate is not None],
        given=[_made(secret) for secret in secrets if secret.generate is None],
    )
    yield Artifact(path=plan.env_example_path, text=text)


def _group(variable: EnvVariable) -> str:
    if variable.required and variable.default is None:
        return _REQUIRED
    return _PORTS if variable.description.startswith("the host port of ") else _OPTIONAL


def _made(secret: SecretFile) -> Mapping[str, object]:
    folder = shlex.quote(posixpath.dirname(secret.path) or ".")
    return {"path": shlex.quote(secret.path), "folder": folder, "generate": secret.generate}


def assigned(variable: EnvVariable) -> str:
    """`NAME=value` with the variable's example or default; a secret that can be generated has no value yet."""
    value = variable.example if variable.example is not None else variable.default or ""
    return f"{variable.name}={'' if variable.generate else dotenv_value(value)}"


def terms(variable: EnvVariable) -> str:
    """What a value has to be, whether there has to be one, and who takes it."""
    need = "required" if _group(variable) == _REQUIRED else "optional" if variable.default is None else "has a default"
    kinds = dict.fromkeys(one.summary for one in variable.types if one.summary)
    said = [need + (", secret" if variable.secret else ""), *kinds, f"used by {', '.join(variable.services)}"]
    return "; ".join(said)


def comment(text: str) -> str:
    """Text of any number of lines as comment lines."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def command(made: Generation) -> str:
    """A shell command that prints a secret as envgen would make one, without a line break."""
    length = made.length or 0
    return {
        "password": f"openssl rand -hex {-(-length // 2)} | tr -d '\\n'",
        "hex": f"openssl rand -hex {length} | tr -d '\\n'",
        "base64": f"openssl rand -base64 {length} | tr -d '\\n'",
        "base64url": f"openssl rand -base64 {length} | tr -d '\\n=' | tr '+/' '-_'",
        "uuid": "uuidgen | tr -d '\\n'",
    }[made.type]
