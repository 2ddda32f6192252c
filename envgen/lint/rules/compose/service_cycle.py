from collections.abc import Iterator, Mapping
from itertools import islice

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import dependencies, enabled
from envgen.source import Route


@compose_rule("EG206", "service-cycle", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """Services wait for each other in a circle.

    None of them could ever be started first, so compose refuses the file. `links`, `volumes_from` and
    `network_mode: service:...` wait just as `depends_on` does.

    Bad:

        services:
          web:
            image: web:1
            depends_on: [worker]
          worker:
            image: worker:1
            depends_on: [web]

    Good:

        services:
          web:
            image: web:1
            depends_on: [worker]
          worker:
            image: worker:1
    """
    services = enabled(compose)
    waits = {
        name: {one: route for one, route in dependencies(service).items() if one in services}
        for name, service in services.items()
    }
    for name, other in islice(_closing(waits), _MOST):
        steps = " -> ".join(_path(waits, other, name))
        yield Violation(
            place=services[name].place(*waits[name][other], at_key=True),
            message=f"services wait for each other in a circle: {steps} -> {other}",
            hint="leave out one of these dependencies",
        )


def _closing(waits: Mapping[str, Mapping[str, Route]]) -> Iterator[tuple[str, str]]:
    """The dependencies that close a circle, in a walk of every service once."""
    done: set[str] = set()
    for start in waits:
        if start in done:
            continue
        path = {start: iter(waits[start])}
        while path:
            name, rest = next(reversed(path.items()))
            for other in rest:
                if other in path:
                    yield name, other
                elif other not in done:
                    path[other] = iter(waits[other])
                    break
            else:
                done.add(name)
                del path[name]


def _path(waits: Mapping[str, Mapping[str, Route]], start: str, end: str) -> list[str]:
    """The shortest way from one service to another."""
    before: dict[str, str] = {}
    queue = [start]
    for name in queue:
        for other in waits[name]:
            if other not in before and other != start:
                before[other] = name
                queue.append(other)
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


_MOST = 20  # circles: nobody reads about more
