from collections.abc import Iterator, Mapping

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._addresses import waits_for
from envgen.lint.rules.project._references import Named, named_services
from envgen.lint.rules.project._settings import files_of


@project_rule(
    "EG337",
    "env-without-depends-on",
    Severity.INFO,
    same_as=("compose-auditor/DEP001",),
    keys=("environment", "env_file", "command", "entrypoint"),
)
def check(project: Project) -> Iterator[Violation]:
    """A service connects to another one that it doesn't depend on.

    A variable names the other service, but `depends_on` doesn't: `docker compose up api` starts the one without the
    other, and at `up` their order is left to chance.

    Bad:

        services:
          api:
            image: acme/api:1
            environment:
              DATABASE_URL: postgres://db:5432/app
          db:
            image: postgres:17

    Good:

        services:
          api:
            image: acme/api:1
            environment:
              DATABASE_URL: postgres://db:5432/app
            depends_on: [db]
          db:
            image: postgres:17
    """
    if project.compose is None:
        return
    named = named_services(project)
    after = waits_for(project.compose) if named else {}
    seen: set[tuple[str, str]] = set()
    for one in named:
        pair = one.service.name, one.other.name
        if pair in seen or (one.setting.is_from_file and not _is_own(project, one, after)):
            continue
        if one.other.name in after[one.service.name] or one.service.name in after[one.other.name]:
            continue
        seen.add(pair)
        yield Violation(
            place=one.setting.place,
            message=f"`{one.setting.name}` of `{one.service.name}` leads to `{one.other.name}`, which is not in its "
            "`depends_on`",
            hint=f"add `{one.other.name}` to the `depends_on` of `{one.service.name}`",
        )


def _is_own(project: Project, one: Named, after: Mapping[str, set[str]]) -> bool:
    """Whether a variable of a file is meant for the service: all others that read the file wait for what it names."""
    path = one.setting.place.file
    others = [
        other.name
        for other in (project.compose.services.values() if project.compose else ())
        if other.name not in {one.service.name, one.other.name} and path in files_of(project, other)
    ]
    return path not in files_of(project, one.other) and all(one.other.name in after[other] for other in others)
