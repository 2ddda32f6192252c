from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._guessable import Guessable
from envgen.lint.rules.compose._secrets import is_secret, is_secret_name, password_in
from envgen.lint.rules.compose._shipped import variables


@compose_rule("EG259", "secret-default", Severity.WARNING, same_as=("compose-lint/CL-0020",), keys=("environment",))
def check(compose: Compose) -> Iterator[Violation]:
    """A service falls back to a password or key that the file tells everybody.

    Where the variable is forgotten the service comes up with the known secret, and nothing says so: whoever has read
    the file can sign its sessions or log in. `${NAME:?}` makes compose stop with a message instead.

    Bad:

        services:
          db:
            image: postgres:17
            environment:
              POSTGRES_PASSWORD: ${DB_PASSWORD:-hunter2}

    Good:

        services:
          db:
            image: postgres:17
            environment:
              POSTGRES_PASSWORD: ${DB_PASSWORD:?set it in .env}
    """
    is_guessable = Guessable(compose)
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for setting in variables(service, is_secret_name):
            if not setting.value.has_default or not is_secret(setting.name, setting.value):
                continue
            if not is_guessable(password_in(setting.name, setting.value.text), service, setting.name):
                yield Violation(
                    place=setting.place,
                    message=f"without a value in the environment the secret `{setting.name}` of the service "
                    f"`{service.name}` is the one written here",
                    hint="write `${NAME:?}` instead of a default, so that compose asks for it",
                )
