from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._secrets import known_token
from envgen.source import Route


@compose_rule(
    "EG263",
    "access-token-in-file",
    Severity.WARNING,
    same_as=("compose-lint/CL-0020",),
    keys=("environment", "build", "labels", "command", "entrypoint"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """An access token or private key of a known form is in the compose file.

    Its form alone says what it opens (AWS, GitHub, Slack, Stripe ...). What has been in a repository counts as known to
    everybody: withdraw it, then keep the new one in a file that isn't committed.

    Bad:

        services:
          app:
            image: app:1
            environment:
              REGISTRY: ghp_0123456789abcdefghijklmnopqrstuvwxyz

    Good:

        services:
          app:
            image: app:1
            environment:
              REGISTRY: ${GITHUB_TOKEN:?}
    """
    for service in compose.services.values():
        for route, text in _texts(service):
            start = known_token(text)
            if start is not None and known_token(str(compose.written("services", service.name, *route))):
                yield Violation(
                    place=service.place(*route),
                    message=f"the service `{service.name}` holds an access token or private key (`{start}...`)",
                    hint="withdraw it, and keep the new one in a file that isn't committed",
                )


def _texts(service: Service) -> Iterator[tuple[Route, str]]:
    data = service.data
    if "environment" in data:
        yield from ((one.route, one.value) for one in service.environment if one.value)
    if "labels" in data:
        labels = data.get("labels")
        for index, item in enumerate(listed(labels)):
            yield ("labels", index), text_of(item) or ""
        for name, value in mapped(labels).items():
            yield ("labels", name), text_of(value) or ""
    if service.build is not None:
        yield from ((service.build.arg_routes[name], value) for name, value in service.build.args.items() if value)
    for key in ("command", "entrypoint"):
        if key in data:
            yield (key,), text_of(data.get(key)) or " ".join(text_of(item) or "" for item in listed(data.get(key)))
