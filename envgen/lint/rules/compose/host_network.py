from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG244",
    "host-network",
    Severity.INFO,
    same_as=(
        "compose-lint/CL-0008",
        "compose-auditor/NET001",
        "kics/Shared Host Network Namespace",
    ),
    keys=("network_mode",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service shares the host's network.

    It reaches everything that listens on the host's localhost, every port that it opens is open on the host, and no
    other service finds it by name. Few programs need it (DHCP, mDNS, network monitoring).

    Bad:

        services:
          web:
            image: web:1
            network_mode: host

    Good:

        services:
          web:
            image: web:1
            ports: ["127.0.0.1:8080:8080"]
    """
    for service in compose.services.values():
        if service.data.get("network_mode") == "host":
            yield Violation(
                place=service.place("network_mode"),
                message=f"the service `{service.name}` shares the network of the host",
                hint="remove it, and publish the ports that others need",
            )
