from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_OWN = ("${COMPOSE_PROJECT_NAME}", "$COMPOSE_PROJECT_NAME-")


@compose_rule("EG269", "build-and-image", Severity.INFO, same_as=("dclint/no-build-and-image",), keys=("build",))
def check(compose: Compose) -> Iterator[Violation]:
    """A service has both a build and an image.

    Compose builds it and names the result so, but `docker compose pull` fetches an image of that name: which one runs
    depends on the command. It is the usual way to name what is pushed; `pull_policy` settles what is run. A name that
    starts with `${COMPOSE_PROJECT_NAME}` is this project's own, and in no registry.

    Bad:

        services:
          app:
            build: .
            image: example/app:1

    Good:

        services:
          app:
            build: .
            image: example/app:1
            pull_policy: build
    """
    for service in compose.services.values():
        data = service.data
        local = str(data.get("image")).startswith(_OWN)
        if "build" in data and "image" in data and "pull_policy" not in data and not local:
            yield Violation(
                place=service.place("build", at_key=True),
                message=f"the service `{service.name}` has both `build` and `image`",
                hint="say with `pull_policy` which one counts, or remove one",
            )
