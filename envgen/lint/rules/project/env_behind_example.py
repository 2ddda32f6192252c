from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._variables import keys, pairs


@project_rule("EG343", "env-behind-example", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """The local `.env` lacks a variable that its example has.

    Most often the example has grown since it was copied: what needs the new variable finds nothing on this machine.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env.example
        API_VERSION=1
        LOG_LEVEL=info
        --- .env
        API_VERSION=2

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env.example
        API_VERSION=1
        --- .env
        API_VERSION=2
    """
    for path, example in pairs(project):
        own = keys(project, path)
        for name, entry in keys(project, example).items() if own else ():
            if name not in own:
                yield Violation(
                    place=entry.place,
                    message=f"`{name}` is in the example, but not in {path}",
                    hint=f"add it to {path}",
                )
