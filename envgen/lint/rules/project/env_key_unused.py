import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._settings import files_of
from envgen.lint.rules.project._variables import is_from_elsewhere, keys

_WORD = re.compile(r"\w+")


@project_rule("EG342", "env-key-unused", Severity.INFO, default=False)
def check(project: Project) -> Iterator[Violation]:
    """A variable of `.env` is used by no compose file beside it.

    `docker compose` reads `.env` for the variables in compose files only; none of them names this one, and no service
    has the file as its `env_file`. It does nothing, unless a program reads `.env` by itself.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env
        API_VERSION=1
        API_VERISON=2

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env
        API_VERSION=1
    """
    compose = project.compose
    if compose is None:
        return
    path = project.tree.join(project.folder, ".env")
    own = keys(project, path)
    if not own or any(path in files_of(project, service) for service in compose.services.values()):
        return
    used = {word for text in _compose_texts(project) for word in _WORD.findall(text)}
    used |= {word for entry in own.values() for word in _WORD.findall(entry.value or "") if "$" in (entry.value or "")}
    for name, entry in own.items():
        if name not in used and not is_from_elsewhere(name):
            yield Violation(
                place=entry.place,
                message=f"`{name}` is used by no compose file beside it",
                hint="remove it, or correct its name",
            )


def _compose_texts(project: Project) -> Iterator[str]:
    """The text of every YAML file that may be a compose file of this folder."""
    for name in project.tree.names(project.folder):
        if name.endswith((".yml", ".yaml")):
            yield project.tree.text(project.tree.join(project.folder, name)) or ""
    for source in project.compose.sources if project.compose else ():
        yield source.text
