from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile.short_forms import listed
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._addresses import networks_of
from envgen.lint.rules.project._references import named_services


@project_rule("EG347", "no-shared-network", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """A service connects to another one with which it shares no network.

    A service's name is known on its own networks only: the address in the variable can't be resolved.

    Bad:

        services:
          api:
            image: acme/api:1
            networks: [front]
            environment:
              DATABASE_URL: postgres://db:5432/app
          db:
            image: postgres:17
            networks: [back]
        networks:
          front:
          back:

    Good:

        services:
          api:
            image: acme/api:1
            networks: [front, back]
            environment:
              DATABASE_URL: postgres://db:5432/app
          db:
            image: postgres:17
            networks: [back]
        networks:
          front:
          back:
    """
    if project.compose is None:
        return
    seen: set[tuple[str, str]] = set()
    for one in named_services(project):
        mine, others = networks_of(one.service), networks_of(one.other)
        pair = one.service.name, one.other.name
        if mine is None or others is None or mine & others or pair in seen:
            continue
        if any("$" in name for name in mine | others) or listed(one.service.data.get("extra_hosts")):
            continue
        if one.address.port is None and not one.address.scheme:
            continue
        seen.add(pair)
        yield Violation(
            place=one.setting.place,
            message=f"`{one.setting.name}` leads to `{one.address.text}`, but `{one.service.name}` and "
            f"`{one.other.name}` share no network",
            hint=f"put both on one network: `{one.other.name}` is on {', '.join(sorted(others))}",
        )
