from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._guessable import Guessable
from envgen.lint.rules.compose._secrets import url_passwords
from envgen.lint.rules.compose._shipped import variables


@compose_rule("EG260", "url-with-password", Severity.WARNING, same_as=("compose-lint/CL-0021",), keys=("environment",))
def check(compose: Compose) -> Iterator[Violation]:
    """A URL in the compose file holds a password.

    `scheme://user:password@host` is written to logs and error messages more readily than anything else, and the file's
    readers and history have it, too. Give the password on its own, or through a variable.

    Bad:

        services:
          app:
            image: app:1
            environment:
              DATABASE_URL: postgres://app:hunter2@db:5432/app

    Good:

        services:
          app:
            image: app:1
            environment:
              DATABASE_URL: postgres://app:${DB_PASSWORD:?}@db:5432/app
    """
    is_guessable = Guessable(compose)
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for variable in service.environment:
            value = variable.value or ""
            if ("@" in value and "://" in value) or (";" in value and "=" in value):
                break
        else:
            continue
        for setting in variables(service):
            found = list(url_passwords(setting.value.text))
            if not all(is_guessable(password, service, user) for user, password in found):
                yield Violation(
                    place=setting.place,
                    message=f"the {_kind(setting.value.text)} in `{setting.name}` of the service `{service.name}` "
                    "holds a password",
                    hint="put a variable in the password's place, with its value in an `.env` that isn't committed",
                )


def _kind(text: str) -> str:
    return "URL" if "://" in text else "connection string"
