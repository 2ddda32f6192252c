from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._command_secrets import command_secrets
from envgen.lint.rules.compose._guessable import Guessable


@compose_rule(
    "EG261",
    "secret-in-command",
    Severity.WARNING,
    same_as=("compose-lint/CL-0020",),
    keys=("command", "entrypoint", "healthcheck"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A password or key is an argument of a command.

    Every process of the container and of the host can read the command line of others, `docker inspect` and the logs
    of the orchestrator show it, and the file's readers have it as well.

    Bad:

        services:
          cache:
            image: redis:7.4
            command: redis-server --requirepass hunter2

    Good:

        services:
          cache:
            image: redis:7.4
            command: sh -c 'exec redis-server --requirepass "$$(cat /run/secrets/redis)"'
            secrets: [redis]
        secrets:
          redis: {file: ./secrets/redis}
    """
    is_guessable = Guessable(compose)
    for service in compose.services.values():
        found = [one for one in command_secrets(service) if not is_guessable(one.text, service, one.name)]
        for route, shown in dict.fromkeys((one.route, one.shown) for one in found):
            yield Violation(
                place=service.place(*route, at_key=True),
                message=f"the secret `{shown}` is written into the {' '.join(route)} of the service `{service.name}`",
                hint="let the program read it from a file below /run/secrets",
            )
