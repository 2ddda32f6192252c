from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._services import complete, security_options

_TRUE = frozenset({"1", "t", "true"})
_FALSE = frozenset({"0", "f", "false"})


@compose_rule(
    "EG239",
    "no-new-privileges-missing",
    Severity.INFO,
    same_as=(
        "compose-lint/CL-0003",
        "kics/No New Privileges Not Set",
        "kics/Security Opt Not Set",
        "semgrep/no-new-privileges",
    ),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A process in the container can become root with a setuid program.

    `no-new-privileges` makes the kernel ignore setuid bits and file capabilities. Entrypoints that drop from root to a
    user (gosu, su-exec) work as before; only sudo and the like stop working.

    Bad:

        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
            security_opt: ["no-new-privileges:true"]
    """
    for service in complete(compose):
        if not _is_set([text for _, text in security_options(service)]):
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` lets programs gain privileges",
                hint="write `security_opt: [no-new-privileges:true]`",
            )


def _is_set(options: list[str]) -> bool:
    """Whether the last entry that Docker understands switches it on."""
    is_on = False
    for option in options:
        name, separator, value = option.partition(":")
        if name == "no-new-privileges" and (not separator or value in _TRUE):
            is_on = True
        elif name == "no-new-privileges" and value in _FALSE:
            is_on = False
    return is_on
