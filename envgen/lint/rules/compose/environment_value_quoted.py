from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule

_SHORTEST = 2  # two quotes


@compose_rule("EG275", "environment-value-quoted", Severity.WARNING, keys=("environment",))
def check(compose: Compose) -> Iterator[Violation]:
    """Quotes inside of a list entry become part of the variable's value.

    `- NAME="value"` is YAML's plain text, quotes included, and compose passes them on: the container gets `"value"`.
    Quote the whole entry or nothing.

    Bad:

        services:
          app:
            image: app:1
            environment:
              - GREETING="good morning"

    Good:

        services:
          app:
            image: app:1
            environment:
              - "GREETING=good morning"
    """
    for service in compose.services.values():
        if "environment" not in service.data:
            continue
        for index, item in enumerate(listed(service.data.get("environment"))):
            if isinstance(item, str) and item[-1:] in {'"', "'"} and _is_quoted(item):
                yield _violation(service, index, item)


def _is_quoted(item: str) -> bool:
    value = item.partition("=")[2]
    return len(value) >= _SHORTEST and value[0] == value[-1] and value[0] in "\"'" and value[0] not in value[1:-1]


def _violation(service: Service, index: int, text: str) -> Violation:
    route = ("services", service.name, "environment", index)
    place = service.compose.place(*route)
    written = service.compose.written(*route)
    item = written if isinstance(written, str) and _is_quoted(written) else ""
    name, _, value = item.partition("=")
    name = name or text.partition("=")[0]
    return Violation(
        place=place,
        message=f"the quotes of `{name}` of the service `{service.name}` become part of its value",
        hint=f"remove the quotes, or write them around the whole entry, `{name}=` included",
        fix=_fix(service, index, item, value) if item else None,
    )


def _fix(service: Service, index: int, item: str, value: str) -> Fix | None:
    """The entry without the quotes, where it is plain text on one line and stays so."""
    source, _ = service.compose.origin(("services", service.name, "environment", index))
    place = service.place("environment", index)
    line = source.text.split("\n")[place.line - 1]
    start = place.column - 1
    inner = value[1:-1]
    if line[start : start + len(item)] != item or line[start + len(item) :].strip():
        return None
    if inner.strip() != inner or " #" in inner or ": " in inner or inner.endswith(":"):
        return None
    first = place.column + len(item) - len(value)
    edit = Edit(place.line, first, place.line, first + len(value), inner)
    return Fix((edit,), safe=False)
