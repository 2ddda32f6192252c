from collections.abc import Iterator, Mapping

from envgen.compose_formats import cut, integer, is_address, port
from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import blank_hint
from envgen.source import Data


@compose_rule("EG208", "invalid-port", Severity.ERROR, keys=("ports",))
def check(compose: Compose) -> Iterator[Violation]:
    """A port is written in a form that compose can't read.

    Ports have the form `[[address:]published:]target[/protocol]` with numbers up to 65535 or equally long ranges,
    and the address is a number, not a name. Compose refuses the whole file because of one that is not.

    Bad:

        services:
          web:
            image: nginx:1.29
            ports: ["localhost:8080:80"]

    Good:

        services:
          web:
            image: nginx:1.29
            ports: ["127.0.0.1:8080:80"]
    """
    for service in compose.strict.services.values():
        for index, item in enumerate(listed(service.data.get("ports"))):
            if isinstance(item, dict):
                yield from _long(service, index, item)
            elif isinstance(item, str | int | float) and (problem := _short(item)):
                written = service.compose.written("services", service.name, "ports", index)
                is_unset = isinstance(written, str) and "$" in written and written != item
                yield Violation(
                    place=service.place("ports", index),
                    message=f"`{cut(str(written))}` is read as `{cut(str(item))}`, which is no port: {problem}"
                    if is_unset
                    else f"`{cut(str(item))}` is no port that compose can read: {problem}",
                    hint=blank_hint(service, "ports", index)
                    or "write `published:target`, or `address:published:target`",
                )


def _short(item: str | float) -> str | None:
    if isinstance(item, bool):
        return None  # the schema says it
    return "it is no whole number" if isinstance(item, float) else port(str(item))


def _long(service: Service, index: int, item: Mapping[str, Data]) -> Iterator[Violation]:
    target, address = item.get("target"), item.get("host_ip")
    problem = None
    if target is None:
        problem, key = f"the port of `{service.name}` has no `target`, the port of the container", "target"
    elif isinstance(target, str) and (wrong := integer(target)):
        problem, key = f"the `target` of the port has to be one number: {wrong}", "target"
    elif isinstance(target, int) and target < 0:
        problem, key = f"`{target}` is no port of a container", "target"
    elif isinstance(address, str) and not is_address(address):
        problem, key = f"`{address}` is no IP address", "host_ip"
    if problem:
        place = service.place("ports", index, key)
        yield Violation(place=place, message=problem, hint=blank_hint(service, "ports", index, key))
