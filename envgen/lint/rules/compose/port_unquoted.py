import re
from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed
from envgen.lint.rule import Violation, compose_rule

_SEXAGESIMAL = re.compile(r"[0-9]{1,5}(?::[0-5]?[0-9])+")


@compose_rule("EG270", "port-unquoted", Severity.STYLE, same_as=("dclint/require-quotes-in-ports",))
def check(compose: Compose) -> Iterator[Violation]:
    """A port mapping that YAML 1.1 reads as a number of base 60.

    `22:22` is 1342 to every tool that still reads YAML 1.1 (PyYAML, Ruby, older compose). In quotes it is the same text
    everywhere.

    Bad:

        services:
          git:
            image: git:1
            ports:
              - 22:22

    Good:

        services:
          git:
            image: git:1
            ports:
              - "22:22"
    """
    for service in compose.services.values():
        if "ports" not in service.data:
            continue
        for index, item in enumerate(listed(service.data.get("ports"))):
            if isinstance(item, str) and _SEXAGESIMAL.fullmatch(item):
                yield from _unquoted(service, index, item)


def _unquoted(service: Service, index: int, item: str) -> Iterator[Violation]:
    compose = service.compose
    source, _ = compose.origin(("services", service.name, "ports", index))
    place = service.place("ports", index)
    line = source.text.split("\n")[place.line - 1]
    start = place.column - 1
    if line[start : start + len(item)] != item:
        return
    edit = Edit(place.line, place.column, place.line, place.column + len(item), f'"{item}"')
    yield Violation(
        place=place,
        message=f"the port `{item}` isn't quoted: YAML 1.1 reads a number of base 60",
        hint=f'write `"{item}"`',
        fix=Fix((edit,)),
    )
