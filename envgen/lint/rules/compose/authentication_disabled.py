from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import is_true

_ALLOWS = frozenset(
    {
        "ALLOW_ANONYMOUS_LOGIN",
        "ALLOW_EMPTY_PASSWORD",
        "DISABLE_SECURITY_PLUGIN",
        "MARIADB_ALLOW_EMPTY_PASSWORD",
        "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
        "MYSQL_ALLOW_EMPTY_PASSWORD",
        "plugins.security.disabled",
    }
)
_VALUES = {
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
    "ME_CONFIG_BASICAUTH": "false",
    "NEO4J_AUTH": "none",
    "POSTGRES_HOST_AUTH_METHOD": "trust",
    "xpack.security.enabled": "false",
}


@compose_rule("EG281", "authentication-disabled", Severity.INFO, keys=("environment", "command"))
def check(compose: Compose) -> Iterator[Violation]:
    """A service lets everybody in who reaches it.

    For a moment of development that is handy; the setting then travels to where others share the network, or the port
    is published. A password in a secret costs two lines.

    Bad:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_HOST_AUTH_METHOD: trust}

    Good:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_PASSWORD_FILE: /run/secrets/db}
            secrets: [db]
        secrets:
          db: {file: ./secrets/db}
    """
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for name, value, route in ((one.name, one.value, one.route) for one in service.environment):
            if (name in _ALLOWS and is_true(value)) or (name in _VALUES and value == _VALUES[name]):
                yield Violation(
                    place=service.place(*route),
                    message=f"`{name}={value}` lets everybody into the service `{service.name}`",
                    hint="remove it, and set a password",
                )
