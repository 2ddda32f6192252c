import re
from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule

_SEXAGESIMAL = re.compile(r"[1-9][0-9]{0,4}(?::[0-5]?[0-9])+")


@compose_rule("EG270", "port-unquoted", Severity.STYLE, same_as=("dclint/require-quotes-in-ports",), keys=("ports",))
def check(compose: Compose) -> Iterator[Violation]:
    """A port mapping has no quotes, and some of these are numbers of base 60 to YAML 1.1.

    `22:22` is 1342 to every tool that still reads YAML 1.1 (PyYAML, Ruby, older compose); `8080:80` is a text, as 80 is
    more than 59, and becomes a number with the next port. In quotes both are the same text everywhere.

    Bad:

        services:
          git:
            image: git:1
            ports:
              - 22:22
              - 8080:80

    Good:

        services:
          git:
            image: git:1
            ports:
              - "22:22"
              - "8080:80"
    """
    lines_of: dict[str, list[str]] = {}
    for service in compose.services.values():
        if "ports" not in service.data:
            continue
        for index, item in enumerate(listed(service.data.get("ports"))):
            if isinstance(item, str) and ":" in item:
                yield from _unquoted(service, index, lines_of)


def _unquoted(service: Service, index: int, lines_of: dict[str, list[str]]) -> Iterator[Violation]:
    """What to say of an entry whose text stands in its line as it is."""
    route = ("services", service.name, "ports", index)
    text = service.compose.written(*route)
    if not isinstance(text, str) or '"' in text or "\\" in text:
        return
    source, _ = service.compose.origin(route)
    if source.path not in lines_of:
        lines_of[source.path] = source.text.split("\n")
    place = service.place("ports", index)
    start = place.column - 1
    if lines_of[source.path][place.line - 1][start : start + len(text)] != text:
        return
    edit = Edit(place.line, place.column, place.line, place.column + len(text), f'"{text}"')
    is_number = _SEXAGESIMAL.fullmatch(text) is not None
    yield Violation(
        place=place,
        message=f"the port `{text}` isn't quoted" + (": YAML 1.1 reads a number of base 60" if is_number else ""),
        hint=f'write `"{text}"`',
        fix=Fix((edit,)),
    )
