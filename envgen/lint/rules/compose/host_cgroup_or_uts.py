from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG246",
    "host-cgroup-or-uts",
    Severity.INFO,
    same_as=("kics/Cgroup Not Default",),
    keys=("cgroup", "uts", "ipc", "userns_mode"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service leaves the control group or host name that Docker made for it.

    In the host's control groups it sees how the host is divided up, below another parent the limits of that one hold,
    and with the host's UTS namespace it can rename the host. Rarely is any of it needed.

    Bad:

        services:
          app:
            image: app:1
            cgroup: host

    Good:

        services:
          app:
            image: app:1
            hostname: app
    """
    for service in compose.services.values():
        data = service.data
        if data.get("cgroup") == "host":
            yield Violation(
                place=service.place("cgroup"), message=f"the service `{service.name}` sees the host's control groups"
            )
        if data.get("uts") == "host":
            yield Violation(
                place=service.place("uts"), message=f"the service `{service.name}` can change the name of the host"
            )
        if "cgroup_parent" in data:
            yield Violation(
                place=service.place("cgroup_parent"),
                message=f"the service `{service.name}` runs below another control group than Docker's",
                hint="remove it unless the limits of that group are meant",
            )
