from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled, names, near, sources


@compose_rule("EG205", "undefined-config", Severity.ERROR, keys=("configs", "models"))
def check(compose: Compose) -> Iterator[Violation]:
    """A service uses a config or a model that the file doesn't define.

    What a service lists under `configs:` or `models:` has to stand under the top-level key of the same name;
    compose refuses the file otherwise.

    Bad:

        services:
          web:
            image: web:1
            configs: [nginx]

    Good:

        services:
          web:
            image: web:1
            configs: [nginx]
        configs:
          nginx:
            file: ./nginx.conf
    """
    if compose.is_partial:
        return
    for service in enabled(compose).values():
        used = [
            *(("config", *use) for use in sources(service.data.get("configs"), ("configs",))),
            *(("model", *use) for use in names(service.data.get("models"), ("models",))),
        ]
        for what, name, route in used:
            defined = compose.strict.section(f"{what}s")
            if name not in defined:
                yield Violation(
                    place=service.place(*route, at_key=True),
                    message=f"`{service.name}` uses the {what} `{name}`, which is not defined",
                    hint=near(name, defined) or f"define it under `{what}s:`, next to `services:`",
                )
