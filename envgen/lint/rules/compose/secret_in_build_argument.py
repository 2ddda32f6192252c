from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._secrets import has_url_password, is_secret
from envgen.lint.rules.compose._shipped import build_arguments


@compose_rule("EG262", "secret-in-build-argument", Severity.WARNING, keys=("build",))
def check(compose: Compose) -> Iterator[Violation]:
    """A password or key is handed to a build as an argument.

    Build arguments stay in the image: `docker history` shows them to everybody who can pull it. BuildKit mounts secrets
    for one step only, and they leave no trace.

    Bad:

        services:
          app:
            build:
              context: .
              args: {NPM_TOKEN: abc123def456}

    Good:

        services:
          app:
            build:
              context: .
              secrets: [npm_token]
        secrets:
          npm_token: {environment: NPM_TOKEN}
    """
    for service in compose.services.values():
        if service.build is None or not service.build.args:
            continue
        for setting in build_arguments(service):
            if is_secret(setting.name, setting.value) or has_url_password(setting.value.text):
                yield Violation(
                    place=setting.place,
                    message=f"the secret `{setting.name}` is a build argument of the service `{service.name}`, and "
                    "stays in its image",
                    hint="use `build.secrets` with `RUN --mount=type=secret`",
                )
