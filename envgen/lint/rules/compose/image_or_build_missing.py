from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled, others


@compose_rule("EG207", "image-or-build-missing", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """A service says neither which image it runs nor how to build one.

    Compose has nothing to start then, and refuses the file. A service that is completed elsewhere is either an
    overlay's, or names what it takes over with `extends`. An `image` whose variables are not set is no image.

    Bad:

        services:
          web:
            ports: ["127.0.0.1:8080:80"]

    Good:

        services:
          web:
            image: nginx:1.29
            ports: ["127.0.0.1:8080:80"]
    """
    found: dict[str, list[Service]] = {}
    for service in enabled(compose).values():
        data = service.data
        if data.get("image") or "build" in data or "provider" in data or "extends" in data:
            continue
        written = compose.strict.written("services", service.name, "image")
        found.setdefault(written if isinstance(written, str) and "$" in written else "", []).append(service)
    for written, (service, *more) in found.items():
        yield Violation(
            place=service.place(*(("image",) if "image" in service.data else ()), at_key=True),
            message=f"the image of the service `{service.name}`{others(len(more))} is empty, for nothing sets what "
            f"`{written}` needs"
            if written
            else f"the service `{service.name}`{others(len(more))} {'have' if more else 'has'} neither an image nor a "
            "build",
        )
