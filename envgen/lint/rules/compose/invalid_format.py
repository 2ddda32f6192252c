from collections.abc import Iterator

from envgen.compose_formats import cut, section_texts, service_others, service_texts
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import blank_hint
from envgen.source import Route


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
        for route, text, form in service_texts(service.data):
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
        for route, problem in service_others(service.data):
            place = service.place(*route, at_key=True)
            yield Violation(place=place, message=f"`{_dotted(route)}` of `{service.name}`: {problem}")
    for route, text, form in section_texts(compose.strict.data):
        if problem := form(text):
            yield Violation(place=compose.strict.place(*route), message=f"`{_dotted(route)}`: {problem}")


def _dotted(route: Route) -> str:
    return ".".join(str(part) for part in route if not isinstance(part, int))
