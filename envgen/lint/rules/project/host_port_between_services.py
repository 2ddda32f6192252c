from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._addresses import networks_of
from envgen.lint.rules.project._built import image_of
from envgen.lint.rules.project._ports import built_in, declared, may_be_configured, mentions, published
from envgen.lint.rules.project._references import named_services
from envgen.lint.rules.project._settings import settings_of


@project_rule("EG338", "host-port-between-services", Severity.WARNING, keys=("ports",))
def check(project: Project) -> Iterator[Violation]:
    """A service calls another one at the port that is published on the host.

    Between containers the container's own port counts: `5433:5432` opens 5433 on the host only, and `db:5433` is
    refused.

    Bad:

        services:
          api:
            image: acme/api:1
            environment:
              DATABASE_URL: postgres://db:5433/app
          db:
            image: postgres:17
            ports: ["127.0.0.1:5433:5432"]

    Good:

        services:
          api:
            image: acme/api:1
            environment:
              DATABASE_URL: postgres://db:5432/app
          db:
            image: postgres:17
            ports: ["127.0.0.1:5433:5432"]
    """
    for one in named_services(project):
        port = one.address.port
        if port is None or networks_of(one.service) is None or networks_of(one.other) is None:
            continue
        target = _behind(one.other, port)
        if target is not None and not _listens(project, one.other, port):
            yield Violation(
                place=one.setting.place,
                message=f"`{one.setting.name}` leads to `{one.address.text}`, but {port} is the port on the host: "
                f"`{one.other.name}` listens on {target}",
                hint=f"write `{one.address.host}:{target}`",
            )


def _behind(service: Service, port: int) -> int | None:
    """The container port that is published at a host port."""
    for one in published(service):
        if port in one.host and len(one.host) == len(one.container):
            return one.container[one.host.index(port)]
    return None


def _listens(project: Project, service: Service, port: int) -> bool:
    """Whether anything says that a service listens on a port itself."""
    image = image_of(project, service)
    if port in declared(service) | built_in(image):
        return True
    settings = settings_of(project, service)
    values = [setting.value for setting in settings.by_name.values()]
    command = (str(service.data.get("command") or ""), str(service.data.get("entrypoint") or ""))
    return mentions(port, image.text, *values, *command) or may_be_configured(port, project, service)
