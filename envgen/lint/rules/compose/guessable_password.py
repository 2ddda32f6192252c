from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._command_secrets import command_secrets
from envgen.lint.rules.compose._guessable import Guessable
from envgen.lint.rules.compose._secrets import is_secret, is_secret_name, known_token, password_in, url_passwords
from envgen.lint.rules.compose._shipped import Setting, variables


@compose_rule(
    "EG285",
    "guessable-password",
    Severity.INFO,
    same_as=("compose-lint/CL-0020", "compose-lint/CL-0021"),
    keys=("environment", "command", "entrypoint", "healthcheck"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service has a password that anybody would try, or one that was to be replaced.

    `postgres`, `changeme` or the name of the application are fine on a developer's machine. Wherever others reach the
    service they keep nobody out, and files that began as an example are deployed as they are. Other passwords in a file
    are what secret-in-environment, secret-default and url-with-password are about.

    Bad:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_PASSWORD: postgres}

    Good:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_PASSWORD: "${DB_PASSWORD:?set it in .env}"}
    """
    is_guessable = Guessable(compose)
    for service in compose.services.values():
        found = [(one.place, one.name) for one in _settings(service) if _is_guessable(one, is_guessable)]
        found += [
            (service.place(*one.route, at_key=True), one.shown)
            for one in command_secrets(service)
            if is_guessable(one.text, service, one.name)
        ]
        for place, name in dict.fromkeys(found):
            yield Violation(
                place=place,
                message=f"the password in `{name}` of the service `{service.name}` is easily guessed",
                hint="where others can reach it, take a random one, from an `.env` or secret that isn't committed",
            )


def _settings(service: Service) -> Iterator[Setting]:
    """The variables that may hold a password: by name, or in a URL."""
    if "environment" not in service.data:
        return iter(())
    has_url = any("@" in (variable.value or "") or ";" in (variable.value or "") for variable in service.environment)
    return variables(service, bool if has_url else is_secret_name)


def _is_guessable(setting: Setting, is_guessable: Guessable) -> bool:
    name, text = setting.name, setting.value.text
    if is_secret(name, setting.value):
        return known_token(text) is None and is_guessable(password_in(name, text), setting.service, name)
    found = list(url_passwords(text))
    return bool(found) and all(is_guessable(password, setting.service, user) for user, password in found)
