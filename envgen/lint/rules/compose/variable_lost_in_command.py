from collections.abc import Iterator

from envgen import interpolation
from envgen.finding import Severity
from envgen.interpolation import Interpolated
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, text_of
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG279", "variable-lost-in-command", Severity.WARNING, keys=("environment", "command", "entrypoint", "healthcheck")
)
def check(compose: Compose) -> Iterator[Violation]:
    """Compose replaces a variable that was meant for the shell in the container.

    `$NAME` in a command or health check is compose's own, filled in from your shell and `.env` before the container
    starts. Where it is set in the service's `environment` only, nothing remains of it. `$$NAME` reaches the container.

    Bad:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_USER: app}
            healthcheck:
              test: pg_isready -U $POSTGRES_USER

    Good:

        services:
          db:
            image: postgres:17
            environment: {POSTGRES_USER: app}
            healthcheck:
              test: pg_isready -U $$POSTGRES_USER
    """
    for service in compose.services.values():
        data = service.data
        if "environment" not in data:
            continue
        for route in (("command",), ("entrypoint",), ("healthcheck", "test")):
            if route[0] not in data:
                continue
            value = compose.written("services", service.name, *route)
            texts = [text for item in listed(value) if (text := text_of(item))] or [text_of(value) or ""]
            for name in dict.fromkeys(name for text in texts if "$" in text for name in _lost(service, text)):
                yield Violation(
                    place=service.place(*route),
                    message=f"compose replaces `${name}` in the {' '.join(route)} of the service `{service.name}`, "
                    "and nothing remains: it is set in the container only",
                    hint=f"write `$${name}`, so that the shell in the container reads it",
                )


def _lost(service: Service, text: str) -> Iterator[str]:
    try:
        parsed = interpolation.parse(text)
    except interpolation.InterpolationError:
        return
    if not isinstance(parsed, Interpolated):
        return
    known = service.compose.environment
    for part in parsed.parts:
        if not isinstance(part, str) and not part.operator and part.name not in known and _is_set(service, part.name):
            yield part.name


def _is_set(service: Service, name: str) -> bool:
    """Whether `environment` gives a variable a value of its own, not one that compose gets from outside."""
    for variable in service.environment:
        if variable.name == name and variable.value is not None:
            written = text_of(service.compose.written("services", service.name, *variable.route)) or ""
            return f"${name}" not in written and f"${{{name}" not in written
    return False
