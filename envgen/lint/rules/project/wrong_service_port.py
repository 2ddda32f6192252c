from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._as_it_is import runs_as_it_is
from envgen.lint.rules.project._images import reference
from envgen.lint.rules.project._official import official
from envgen.lint.rules.project._ports import declared, mentions, published
from envgen.lint.rules.project._references import named_services
from envgen.lint.rules.project._settings import port_may_be_hidden, settings_of


@project_rule("EG353", "wrong-service-port", Severity.WARNING, keys=("environment", "env_file", "command"))
def check(project: Project) -> Iterator[Violation]:
    """A variable leads to a database at a port on which its image doesn't listen.

    Nothing tells the database to use another port than its image's own: the connection is refused.

    Bad:

        services:
          api:
            image: acme/api:1
            environment:
              REDIS_URL: redis://cache:6380
          cache:
            image: redis:8

    Good:

        services:
          api:
            image: acme/api:1
            environment:
              REDIS_URL: redis://cache:6379
          cache:
            image: redis:8
    """
    for one in named_services(project):
        port = one.address.port
        facts = official(reference(one.other.image)) if port and one.other.data.get("build") is None else None
        if port is None or facts is None or not facts.is_store or port in facts.ports | declared(one.other):
            continue
        if not runs_as_it_is(one.other, facts) or any(port in other.host for other in published(one.other)):
            continue
        settings = settings_of(project, one.other)
        values = [setting.value for setting in settings.by_name.values()]
        if not port_may_be_hidden(settings) and not mentions(port, *values):
            yield Violation(
                place=one.setting.place,
                message=f"`{one.setting.name}` leads to `{one.address.text}`, but {facts.name} listens on "
                f"{', '.join(str(number) for number in sorted(facts.ports)[:3])}",
                hint="write the port of the image, or tell the database to use another one",
            )
