from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import capabilities, complete


@compose_rule(
    "EG238",
    "cap-drop-missing",
    Severity.INFO,
    same_as=("compose-lint/CL-0006", "kics/Container Capabilities Unrestricted"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A container keeps capabilities that it has no use for.

    Docker leaves 14 of them to every container, NET_RAW (forged packets) and DAC_OVERRIDE (any file) among them. Most
    programs run with none; those that switch the user need CHOWN, SETUID and SETGID back.

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            cap_drop: [ALL]
    """
    for service in complete(compose):
        if not any(name == "ALL" for _, name in capabilities(service, "cap_drop")):
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` keeps Docker's default capabilities",
                hint="write `cap_drop: [ALL]`, and give back with `cap_add` what the program needs",
            )
