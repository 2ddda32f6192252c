from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.composefile.short_forms import mapped
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled, near, sources


@compose_rule("EG204", "undefined-secret", Severity.ERROR, keys=("secrets", "build"))
def check(compose: Compose) -> Iterator[Violation]:
    """A service uses a secret that the file doesn't define.

    What a service lists under `secrets:`, for itself or for its build, has to stand under the top-level `secrets:`
    with where it comes from; compose refuses the file otherwise.

    Bad:

        services:
          web:
            image: web:1
            secrets: [token]

    Good:

        services:
          web:
            image: web:1
            secrets: [token]
        secrets:
          token:
            file: ./token.txt
    """
    if compose.is_partial:
        return
    defined = compose.strict.section("secrets")
    for service in enabled(compose).values():
        build = mapped(service.data.get("build"))
        used = [
            *sources(service.data.get("secrets"), ("secrets",)),
            *sources(build.get("secrets"), ("build", "secrets")),
        ]
        for name, route in used:
            if name not in defined:
                yield Violation(
                    place=service.place(*route),
                    message=f"`{service.name}` uses the secret `{name}`, which is not defined",
                    hint=near(name, defined) or "define it under `secrets:`, next to `services:`",
                )
