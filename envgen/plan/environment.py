"""Environment variables of a service: typed ones as compose's interpolation, and secrets as files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envgen import codes
from envgen.plan.draft import Draft
from envgen.plan.model import Generation, Value
from envgen.plan.texts import Texts
from envgen.plan.typed import contradictions, generation, interpolation, is_file, value_type, wrong_value
from envgen.source import Data, Problem, Route
from envgen.spec.variable import Generate, Variable
from envgen.value_types import ValueType

SECRETS_FOLDER = "/run/secrets"


@dataclass(slots=True)
class Environment:
    """A service's environment: compose's map, the secrets that it needs, and the typed variables in it.

    `contents` is what a secret's file has to hold, `generated` how it is made, both by the secret's name;
    `made_by_default` is how a preset's secrets are made where nobody says so. `sensitive` are the variables that are
    parts of a secret.
    """

    values: dict[str, Value] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    typed: dict[str, Variable] = field(default_factory=dict)
    contents: dict[str, ValueType] = field(default_factory=dict)
    generated: dict[str, Generation] = field(default_factory=dict)
    made_by_default: dict[str, Generation] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)


def plan_environment(draft: Draft, texts: Texts) -> Environment | None:
    """The environment of a service, None where it has none; a list form becomes a map."""
    written = draft.model.environment
    if written is None:
        return None
    route: Route = (*draft.route, "environment")
    planned = Environment(made_by_default=made_by_preset(draft))
    raw = draft.raw.get("environment")
    if not isinstance(written, Mapping):
        for index, text in enumerate(written):
            spelled, equals, value = text.partition("=")
            name = texts.text(spelled, (*route, index), draft)
            if isinstance(name, str) and name == name.strip():
                planned.values[name] = texts.text(value, (*route, index), draft) if equals else None
            else:
                message, hint = f"compose takes no variable named `{spelled}`", "write the bare name: no `$`, no spaces"
                problem = Problem(code=codes.INVALID_VALUE, route=(*route, index), message=message, hint=hint)
                texts.problems.append(problem)
        return planned
    for name, entry in written.items():
        if isinstance(entry, Variable):
            _plan_variable(name, entry, planned, texts, draft)
        else:
            planned.values[name] = texts.value(raw[name] if isinstance(raw, dict) else entry, (*route, name), draft)
    if draft.preset is not None:
        _name_secrets(planned, draft.raw.get("secrets"))
    return planned


def made_by_preset(draft: Draft) -> dict[str, Generation]:
    """How the secrets of a service's preset are made, as far as they can be."""
    secrets = draft.preset.secrets_for(draft.name) if draft.preset is not None else {}
    written = {name: dict(secret.generate) for name, secret in secrets.items() if secret.generate is not None}
    made = {name: generation(Generate.model_validate(entry)) for name, entry in written.items()}
    return {name: one for name, one in made.items() if one is not None}


def _plan_variable(name: str, variable: Variable, planned: Environment, texts: Texts, draft: Draft) -> None:
    route: Route = (*draft.route, "environment", name)
    found = list(contradictions(name, variable, route))
    written = draft.model.environment
    if is_file(variable) and isinstance(written, Mapping) and f"{name}_FILE" in written:
        message, hint = f"a secret sets `{name}_FILE`, which is written here, too", "leave out one of the two"
        found.append(Problem(code=codes.CONFLICT, route=route, message=message, hint=hint, at_key=True))
    texts.problems.extend(found)
    if found:
        return
    if is_file(variable):
        secret = variable.secret if isinstance(variable.secret, str) else name.lower()
        planned.secrets.append(secret)
        planned.values[f"{name}_FILE"] = _secret_path(secret, draft.raw.get("secrets"))
        planned.contents[secret] = value_type(variable)
        made = generation(variable.generate)
        if made is not None:
            planned.generated[secret] = made
    elif variable.value is not None:
        text = texts.text(variable.value, (*route, "value"), draft)
        planned.values[name] = text
        if isinstance(text, str):
            texts.problems.extend(wrong_value(variable, text, (*route, "value")))
        elif variable.secret:
            planned.sensitive |= {part.name for part in text.interpolations}
    else:
        planned.typed[name] = variable
        planned.values[name] = interpolation(name, variable)


def _secret_path(secret: str, listed: Data) -> str:
    """Where a service finds a secret: by its name, or where the long form in `secrets` says."""
    return next((path for path, source in _targets(listed) if source == secret), f"{SECRETS_FOLDER}/{secret}")


def _targets(listed: Data) -> Iterator[tuple[str, str]]:
    """Where the long form puts secrets, and which."""
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("target"), str):
            target = str(item["target"])
            yield target if target.startswith("/") else f"{SECRETS_FOLDER}/{target}", str(item.get("source"))


def _name_secrets(planned: Environment, listed: Data) -> None:
    """The secrets that a preset's variables name by their files are the service's, wherever it puts them."""
    prefix = f"{SECRETS_FOLDER}/"
    placed = dict(_targets(listed))
    for name, value in planned.values.items():
        if name.endswith("_FILE") and isinstance(value, str) and value.startswith(prefix) and value not in placed:
            secret = value.removeprefix(prefix)
            planned.secrets.append(secret)
            planned.values[name] = _secret_path(secret, listed)
