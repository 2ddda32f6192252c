from collections.abc import Iterator

from envgen.compose_formats import port_range
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule
from envgen.source import Route


@compose_rule(
    "EG222", "duplicate-host-port", Severity.WARNING, same_as=("dclint/no-duplicate-exported-ports",), keys=("ports",)
)
def check(compose: Compose) -> Iterator[Violation]:
    """Two services publish the same port of the host.

    Only one of them can have it: the second container fails to start with "port is already allocated". Services in
    different profiles are left alone, since they may never run together.

    Bad:

        services:
          web:
            image: web:1
            ports: ["127.0.0.1:8080:80"]
          admin:
            image: admin:1
            ports: ["127.0.0.1:8080:3000"]

    Good:

        services:
          web:
            image: web:1
            ports: ["127.0.0.1:8080:80"]
          admin:
            image: admin:1
            ports: ["127.0.0.1:8081:3000"]
    """
    taken: dict[tuple[int, str], list[tuple[str, str, frozenset[str], Route]]] = {}
    for service in compose.services.values():
        profiles = frozenset(str(one) for one in listed(service.data.get("profiles")))
        for port in service.ports:
            span = port_range(port.published) if port.published else None
            if span is None or span[0] == 0 or span[1] - span[0] > _WIDEST or _is_any_of(port.published, port.target):
                continue
            address = "" if port.host_ip in _EVERYWHERE else port.host_ip
            if len(taken) > _MOST_NUMBERS:
                return
            for number in range(span[0], span[1] + 1):
                others = taken.setdefault((number, port.protocol.lower()), [])
                other = next(
                    (one for one in others if _clashes(one, service.name, address, profiles, port.route)), None
                )
                if other:
                    yield Violation(
                        place=service.place(*port.route),
                        message=_message(service.name, other[0], number),
                        hint="publish another port of the host, or leave this one to one of them",
                    )
                    break
                if len(others) < _MOST:
                    others.append((service.name, address, profiles, port.route))


def _message(service: str, other: str, number: int) -> str:
    if service == other:
        return f"`{service}` publishes the port {number} of the host twice"
    return f"`{service}` publishes the port {number} of the host, which `{other}` publishes already"


def _clashes(
    other: tuple[str, str, frozenset[str], Route], name: str, address: str, profiles: frozenset[str], route: Route
) -> bool:
    other_name, other_address, other_profiles, other_route = other
    if (other_name, other_route) == (name, route):
        return False
    if address and other_address and address != other_address:
        return False
    return not profiles or not other_profiles or not profiles.isdisjoint(other_profiles)


def _is_any_of(published: str, target: str) -> bool:
    """Whether docker chooses one port out of a range."""
    return "-" in published and "-" not in target


_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - this compares, and binds nothing
_MOST_NUMBERS = 100_000
_WIDEST = 1_000  # ports of a range; a wider one would take longer than it says
_MOST = 8  # publishers of one port: nobody reads about more
