from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._host_paths import Exposure, host_paths


@compose_rule(
    "EG233",
    "host-credentials-mounted",
    Severity.WARNING,
    same_as=("compose-lint/CL-0013",),
    keys=("volumes", "secrets", "configs"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A container gets the keys of a person or of the host.

    Folders such as ~/.ssh, ~/.aws or ~/.kube hold every key their owner has, most of which this container has no use
    for. Give it the one key as a secret, or forward the SSH agent to the build.

    Bad:

        services:
          deploy:
            image: deploy:1
            volumes: ["~/.ssh:/root/.ssh:ro"]

    Good:

        services:
          deploy:
            image: deploy:1
            secrets: [deploy_key]
        secrets:
          deploy_key: {file: ./secrets/deploy_key}
    """
    for service in compose.services.values():
        for mount in host_paths(service, Exposure.CREDENTIALS):
            yield Violation(
                place=mount.place,
                message=f"the service `{service.name}` mounts `{mount.path}`, which holds credentials of the host",
                hint="hand over the one key that it needs under `secrets`",
            )
