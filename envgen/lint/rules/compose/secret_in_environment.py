from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._secrets import is_secret, is_secret_name, known_token
from envgen.lint.rules.compose._shipped import variables


@compose_rule(
    "EG258",
    "secret-in-environment",
    Severity.WARNING,
    same_as=("compose-lint/CL-0020", "compose-auditor/SEC005"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A password or key is written into the compose file.

    Everybody who can read the repository has it, and it stays in its history; in the container every process and
    `docker inspect` shows it. A secret is a file that isn't committed; most images read it through `NAME_FILE`.

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
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for setting in variables(service, is_secret_name):
            value = setting.value
            if not value.has_default and is_secret(setting.name, value) and known_token(value.text) is None:
                yield Violation(
                    place=setting.place,
                    message=f"the secret `{setting.name}` of the service `{service.name}` is written into the file",
                    hint=f"use `secrets` and `{setting.name}_FILE` where the image knows it, else "
                    f"`${{{setting.name}}}` with its value in an `.env` that isn't committed",
                )
