from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._guessable import Guessable
from envgen.lint.rules.compose._secrets import is_secret, is_secret_name, known_token, password_in
from envgen.lint.rules.compose._shipped import variables


@compose_rule(
    "EG258",
    "secret-in-environment",
    Severity.WARNING,
    same_as=("compose-lint/CL-0020", "compose-auditor/SEC005"),
    keys=("environment",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A password or key is written into the compose file.

    Everybody who can read the repository has it, and it stays in its history; in the container every process and
    `docker inspect` shows it. A secret is a file that isn't committed; most images read it through `NAME_FILE`.
    Passwords that are none, such as `postgres` or `changeme`, are a matter of their own: guessable-password.

    Bad:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_PASSWORD: hunter2}

    Good:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_PASSWORD_FILE: /run/secrets/db_password}
            secrets: [db_password]
        secrets:
          db_password: {file: ./secrets/db_password}
    """
    is_guessable = Guessable(compose)
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for setting in variables(service, is_secret_name):
            name, value = setting.name, setting.value
            if value.has_default or not is_secret(name, value) or known_token(value.text) is not None:
                continue
            if not is_guessable(password_in(name, value.text), service, name):
                yield Violation(
                    place=setting.place,
                    message=f"the secret `{name}` of the service `{service.name}` is written into the file",
                    hint=f"use `secrets` and `{name}_FILE` where the image knows it, else "
                    f"`${{{name}}}` with its value in an `.env` that isn't committed",
                )
