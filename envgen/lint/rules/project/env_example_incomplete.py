import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._variables import examples, is_from_elsewhere, keys, uses

_WORD = re.compile(r"\w+")


@project_rule("EG341", "env-example-incomplete", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """The example of `.env` lacks a variable that the compose file needs.

    Whoever copies `.env.example` to `.env` gets an empty text in its place, and only a warning in passing from
    `docker compose`.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env.example
        LOG_LEVEL=info

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env.example
        API_VERSION=1
    """
    compose = project.compose
    paths = examples(project)
    if compose is None or not any(keys(project, path) for path in paths):
        return
    known = _mentioned(project) | compose.environment.keys()
    for use in uses(compose.sources[0]):
        if use.has_default or use.name in known or is_from_elsewhere(use.name):
            continue
        known.add(use.name)
        yield Violation(
            place=use.place,
            message=f"`{use.name}` is needed here, but {paths[0]} doesn't mention it",
            hint=f"add a line `{use.name}=` to it, or give the variable a default: `${{{use.name}:-...}}`",
        )


def _mentioned(project: Project) -> set[str]:
    """Every word in the files of variables beside the compose file, those of comments, too."""
    found: set[str] = set()
    for name in project.tree.names(project.folder):
        if "env" in name.lower().split("."):
            found |= set(_WORD.findall(project.tree.text(project.tree.join(project.folder, name)) or ""))
    return found
