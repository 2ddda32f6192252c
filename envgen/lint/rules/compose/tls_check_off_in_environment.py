from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_OFF = {
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "PYTHONHTTPSVERIFY": ("0",),
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "NPM_CONFIG_STRICT_SSL": ("false",),
}


@compose_rule("EG271", "tls-check-off-in-environment", Severity.WARNING, keys=("environment",))
def check(compose: Compose) -> Iterator[Violation]:
    """A variable switches off the check of servers' certificates in a container.

    Everything that the program fetches by https may come from anybody between it and the server then. Where a server
    has a certificate of its own authority, mount that and name it: `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`.

    Bad:

        services:
          api:
            image: acme/api:1
            environment:
              NODE_TLS_REJECT_UNAUTHORIZED: "0"

    Good:

        services:
          api:
            image: acme/api:1
            environment:
              NODE_EXTRA_CA_CERTS: /certs/ca.pem
    """
    for service in compose.services.values():
        for one in service.environment:
            if one.value is not None and one.value.strip("\"'").lower() in _OFF.get(one.name.upper(), ()):
                yield Violation(
                    place=service.place(*one.route),
                    message=f"`{one.name}={one.value}` switches off the check of certificates in `{service.name}`",
                    hint="remove it, and mount the certificate of your own authority if it is that",
                )
