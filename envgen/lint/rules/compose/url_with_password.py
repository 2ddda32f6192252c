from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._secrets import has_url_password
from envgen.lint.rules.compose._shipped import variables


@compose_rule("EG260", "url-with-password", Severity.WARNING, same_as=("compose-lint/CL-0021",))
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
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for variable in service.environment:
            if variable.value and "@" in variable.value and "://" in variable.value:
                break
        else:
            continue
        for setting in variables(service):
            if has_url_password(setting.value.text):
                yield Violation(
                    place=setting.place,
                    message=f"the URL in `{setting.name}` of the service `{service.name}` holds a password",
                    hint="put a variable in the password's place, with its value in an `.env` that isn't committed",
                )
