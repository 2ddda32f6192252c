from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule

_SWARM = frozenset({"placement", "update_config", "rollback_config", "endpoint_mode", "mode"})


@compose_rule("EG280", "replicas-share-host-port", Severity.WARNING, keys=("ports",))
def check(compose: Compose) -> Iterator[Violation]:
    """Several containers of a service can't listen on one port of the host.

    The first one gets it, for the others `docker compose up` fails with "port is already allocated". Publish a range,
    leave the host's port open, or put a proxy in front. Files for swarm, whose mesh shares ports, are left alone.

    Bad:

        services:
          web:
            image: web:1
            ports: ["127.0.0.1:8080:80"]
            deploy: {replicas: 3}

    Good:

        services:
          web:
            image: web:1
            ports: ["127.0.0.1:8080-8082:80"]
            deploy: {replicas: 3}
    """
    for service in compose.services.values():
        data = service.data
        if "ports" not in data or ("deploy" not in data and "scale" not in data):
            continue
        count = _count(service)
        if count < 2 or _is_for_swarm(compose):  # noqa: PLR2004 - more than one
            continue
        for port in service.ports:
            if port.published.isascii() and port.published.isdecimal() and port.published.strip("0"):
                yield Violation(
                    place=service.place(*port.route),
                    message=f"the {count} containers of the service `{service.name}` all want the host's port "
                    f"`{port.published}`",
                    hint="publish a range, or leave out the host's port",
                )


def _count(service: Service) -> int:
    count = mapped(service.data.get("deploy")).get("replicas", service.data.get("scale"))
    return count if isinstance(count, int) else 1


def _is_for_swarm(compose: Compose) -> bool:
    deploys = [mapped(one.data.get("deploy")) for one in compose.services.values() if "deploy" in one.data]
    networks = [mapped(one) for one in compose.section("networks").values()]
    return any(_SWARM & deploy.keys() for deploy in deploys) or any(one.get("driver") == "overlay" for one in networks)
