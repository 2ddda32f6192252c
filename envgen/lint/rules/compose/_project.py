"""What the rules about references share: which services take part, and what they name."""

from collections.abc import Collection, Iterator, Mapping

from envgen import suggest
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.rule import Violation
from envgen.source import Data, Route

_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")
_SERVICE = "service:"
_MOST_NAMES = 100  # to compare a name with


def reported(compose: Compose, kind: str) -> Iterator[Violation]:
    """What loading has found for the rule of this name, each place once."""
    if not compose.issues:
        return
    seen = set()
    for issue in compose.issues:
        if issue.kind == kind and (issue.place, issue.message) not in seen:
            seen.add((issue.place, issue.message))
            yield Violation(place=issue.place, message=issue.message, hint=issue.hint)


def others(count: int) -> str:
    """Says how many more services there are than the one that was named."""
    return "" if count == 0 else " and another service" if count == 1 else f" and {count} other services"


def enabled(compose: Compose) -> Mapping[str, Service]:
    """The services that compose looks at: those without profiles, and those of COMPOSE_PROFILES.

    Values are compose's of today: a variable that is not set is an empty text.
    """
    return compose.strict.enabled


def names(value: Data, route: Route) -> Iterator[tuple[str, Route]]:
    """The names in a list, or the keys of a map, with their routes."""
    for index, item in enumerate(listed(value)):
        if isinstance(item, str):
            yield item, (*route, index)
    for name in mapped(value):
        yield name, (*route, name)


def sources(value: Data, route: Route) -> Iterator[tuple[str, Route]]:
    """The secrets or configs that a list names, in either form."""
    for index, item in enumerate(listed(value)):
        if isinstance(item, str):
            yield item, (*route, index)
        elif isinstance(item, dict) and isinstance(source := item.get("source"), str):
            yield source, (*route, index, "source")


def dependencies(service: Service) -> Mapping[str, Route]:
    """Every service that this one waits for, said or implied (compose-go, loader/normalize.go), with its route."""
    found: dict[str, Route] = dict(names(service.data.get("depends_on"), ("depends_on",)))
    data = service.data
    for index, link in enumerate(listed(data.get("links"))):
        if isinstance(link, str):
            parts = link.split(":")
            found.setdefault(parts[0] if len(parts) == 2 else link, ("links", index))  # noqa: PLR2004 - name:alias
    for key in _NAMESPACES:
        reference = data.get(key)
        if isinstance(reference, str) and reference.startswith(_SERVICE):
            found.setdefault(reference.removeprefix(_SERVICE), (key,))
    for index, item in enumerate(listed(data.get("volumes_from"))):
        if isinstance(item, str) and not item.startswith("container:"):
            found.setdefault(item.partition(":")[0], ("volumes_from", index))
    return found


def is_optional(service: Service, name: str) -> bool:
    """Whether `depends_on` says that this one may be missing."""
    entry = mapped(service.data.get("depends_on")).get(name)
    return text_of(mapped(entry).get("required")) == "false"


def blank_hint(service: Service, *route: str | int) -> str | None:
    """Where a text holds variables: how it is written."""
    written = service.compose.written("services", service.name, *route)
    return (
        f"it is written as `{written}`, with what is set here" if isinstance(written, str) and "$" in written else None
    )


def near(name: str, known: Collection[str]) -> str | None:
    """Which of the known names may be meant; with very many of them, none."""
    return suggest.hint(name, known) if len(known) <= _MOST_NAMES else None
