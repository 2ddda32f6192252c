from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._env_files import entries
from envgen.lint.rules.project._settings import files_of
from envgen.lint.rules.project._variables import examples


@project_rule("EG345", "env-key-twice", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """A file of variables sets one of them twice.

    The last line wins: the first one, which readers see first, does nothing.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:1
            env_file: api.env
        --- api.env
        LOG_LEVEL=info
        LOG_LEVEL=debug

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:1
            env_file: api.env
        --- api.env
        LOG_LEVEL=debug
    """
    if project.compose is None:
        return
    paths = dict.fromkeys((project.tree.join(project.folder, ".env"), *examples(project)))
    for service in project.compose.services.values():
        paths |= dict.fromkeys(files_of(project, service))
    for path in paths:
        first: dict[str, int] = {}
        for entry in entries(project.tree.text(path) or "", path):
            line = first.setdefault(entry.name, entry.place.line)
            if line != entry.place.line:
                yield Violation(
                    place=entry.place,
                    message=f"`{entry.name}` is set in line {line} already, which is ignored",
                    hint="keep one of the two lines",
                )
