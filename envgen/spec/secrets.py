"""Top-level `secrets`: compose's, and how envgen makes one that is not there."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from envgen import codes
from envgen.compose_schema import describe
from envgen.source import Data, Problem, Route
from envgen.spec import errors
from envgen.spec.variable import Generate

GENERATE = "generate"
_NOT_FILES = ("environment", "external")


def check(data: Mapping[str, Data]) -> Iterator[Problem]:
    """Problems of `generate` in a spec's top-level secrets."""
    secrets = data.get("secrets")
    for name, secret in secrets.items() if isinstance(secrets, dict) else ():
        if not isinstance(secret, dict) or GENERATE not in secret:
            continue
        route: Route = ("secrets", name, GENERATE)
        written = secret[GENERATE]
        if isinstance(written, dict):
            try:
                Generate.model_validate(written)
            except ValidationError as error:
                yield from errors.problems(error, written, route)
        elif not isinstance(written, bool):
            message = f"expected true, false or a map, found {describe(written)}"
            hint = "write `generate: true`, or {type: password, length: 32}"
            yield Problem(code=codes.WRONG_TYPE, route=route, message=message, hint=hint)
        other = next((key for key in _NOT_FILES if secret.get(key)), None)
        if written is not False and other is not None:
            message = f"`{GENERATE}` makes a file, and `{other}` says that the secret is elsewhere"
            yield Problem(code=codes.CONFLICT, route=route, message=message, hint="leave out one of the two")


def generated(secrets: Data) -> dict[str, bool | Generate]:
    """What is written under `generate`, by the secret's name; for secrets that `check` had nothing to say of."""
    found: dict[str, bool | Generate] = {}
    for name, secret in secrets.items() if isinstance(secrets, dict) else ():
        written = secret.get(GENERATE) if isinstance(secret, dict) else None
        if isinstance(written, bool):
            found[name] = written
        elif isinstance(written, dict):
            found[name] = Generate.model_validate(written)
    return found


def compose_part(secret: Data) -> Data:
    """A secret without what is envgen's own."""
    return {key: value for key, value in secret.items() if key != GENERATE} if isinstance(secret, dict) else secret
