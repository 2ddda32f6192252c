from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._limits import is_limit, is_memory_limit
from envgen.lint.rules.compose._services import complete, limits


@compose_rule(
    "EG250",
    "resource-limits-missing",
    Severity.INFO,
    same_as=(
        "compose-lint/CL-0026",
        "compose-auditor/RES001",
        "compose-auditor/RES002",
        "kics/Memory Not Limited",
        "kics/Cpus Not Limited",
    ),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service can take all memory or all processors of the host.

    Without a limit one leak or one request too many ends other containers, or the host. Reservations and shares are no
    limits, and 0 is none.

    Bad:

        services:
          web:
            image: web:1
            mem_limit: 512m

    Good:

        services:
          web:
            image: web:1
            mem_limit: 512m
            cpus: 0.5
    """
    for service in complete(compose):
        data, deployed = service.data, limits(service)
        has_memory = is_memory_limit(data.get("mem_limit")) or is_memory_limit(deployed.get("memory"))
        has_cpu = is_limit(data.get("cpus")) or is_limit(data.get("cpu_quota")) or is_limit(deployed.get("cpus"))
        missing = [what for what, is_there in (("memory", has_memory), ("processors", has_cpu)) if not is_there]
        if missing:
            yield Violation(
                place=service.place(),
                message=f"the service `{service.name}` has no limit of {' and '.join(missing)}",
                hint="write `deploy.resources.limits` with `memory` and `cpus`",
            )
