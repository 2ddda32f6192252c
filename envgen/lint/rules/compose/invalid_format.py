from collections.abc import Callable, Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._formats import SECTIONS, SERVICE, cut, host_name
from envgen.lint.rules.compose._project import blank_hint
from envgen.source import Data, Route


@compose_rule("EG210", "invalid-format", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A value has not the form that compose parses for its key.

    Durations need units (`30s`), sizes are numbers with `b`, `k`, `m` or `g`, an extra host is `name=address`, a
    command has its quotes closed, and so on. Compose refuses the whole file because of one value that it can't
    parse.

    Bad:

        services:
          web:
            image: web:1
            stop_grace_period: "30"

    Good:

        services:
          web:
            image: web:1
            stop_grace_period: "30s"
    """
    unset: set[str] = set()
    for service in compose.strict.services.values():
        for key in _SERVICE.keys() & service.data.keys():
            for rest, form in _SERVICE[key]:
                for text, route in _texts(service.data[key], rest, (key,)):
                    if problem := form(text):
                        written = service.compose.written("services", service.name, *route)
                        if not text and isinstance(written, str) and "$" in written:
                            if written in unset:  # said once: it takes one line to set it
                                continue
                            unset.add(written)
                            problem = f"it is empty, for nothing sets what `{cut(written)}` needs"
                        yield Violation(
                            place=service.place(*route),
                            message=f"`{_dotted(route)}` of `{service.name}`: {problem}",
                            hint=blank_hint(service, *route) if text else None,
                        )
        for route, problem in _others(service):
            place = service.place(*route, at_key=True)
            yield Violation(place=place, message=f"`{_dotted(route)}` of `{service.name}`: {problem}")
    yield from _sections(compose)


def _others(service: Service) -> Iterator[tuple[Route, str]]:
    """What isn't about a text."""
    data = service.data
    for name in mapped(data.get("extra_hosts")):
        if problem := host_name(name):
            yield ("extra_hosts", name), problem
    for index, item in enumerate(listed(data.get("devices"))):
        if isinstance(item, dict) and "target" not in item:
            yield ("devices", index), "it has no `target`, the device in the container"
    for index, item in enumerate(listed(data.get("expose"))):
        if isinstance(item, float):
            yield ("expose", index), f"`{item}` is no whole number"
    retries = mapped(data.get("healthcheck")).get("retries")
    if isinstance(retries, int) and retries < 0:
        yield ("healthcheck", "retries"), f"`{retries}` is negative"
    for index, item in enumerate(listed(mapped(data.get("develop")).get("watch"))):
        if isinstance(item, dict) and not item.get("target") and item.get("action") not in ("rebuild", "restart"):
            yield ("develop", "watch", index), "it has no `target`, the path in the container"


def _sections(compose: Compose) -> Iterator[Violation]:
    for (section, *rest), form in SECTIONS.items():
        if section in compose.data:
            for text, route in _texts(compose.strict.data.get(section), tuple(rest), (section,)):
                if problem := form(text):
                    yield Violation(place=compose.strict.place(*route), message=f"`{_dotted(route)}`: {problem}")


def _texts(value: Data, rest: tuple[str, ...], route: Route) -> Iterator[tuple[str, Route]]:
    """The texts at a route with stars below a value."""
    if not rest:
        if isinstance(value, str):
            yield value, route
        return
    if rest[0] != "*":
        if isinstance(value, dict) and rest[0] in value:
            yield from _texts(value[rest[0]], rest[1:], (*route, rest[0]))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, rest[1:], (*route, index))
    elif isinstance(value, dict) and route not in _LISTS:
        for name, item in value.items():
            yield from _texts(item, rest[1:], (*route, name))


def _dotted(route: Route) -> str:
    return ".".join(str(part) for part in route if not isinstance(part, int))


_LISTS = frozenset(
    {("environment",), ("extra_hosts",), ("build", "additional_contexts"), ("build", "ssh")}
)  # as maps they have other forms
_SERVICE: dict[str, list[tuple[tuple[str, ...], Callable[[str], str | None]]]] = {}
for _route, _form in SERVICE.items():
    _SERVICE.setdefault(_route[0], []).append((_route[1:], _form))
