from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._env_files import entries
from envgen.lint.rules.project._settings import files_of


@project_rule("EG344", "env-file-overridden", Severity.INFO, keys=("env_file",))
def check(project: Project) -> Iterator[Violation]:
    """A service's `environment` sets a variable of its `env_file` to another value.

    `environment` wins without a word: who changes the file wonders why nothing happens.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:1
            env_file: api.env
            environment:
              LOG_LEVEL: debug
        --- api.env
        LOG_LEVEL=info

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:1
            env_file: api.env
        --- api.env
        LOG_LEVEL=info
    """
    if project.compose is None:
        return
    for service in project.compose.services.values():
        files = files_of(project, service) if service.environment else {}
        inside = {one.name: one for path, text in files.items() if text for one in entries(text, path)}
        for setting in service.environment:
            entry = inside.get(setting.name)
            if entry is None or setting.value is None or "$" in setting.value or entry.value == setting.value:
                continue
            yield Violation(
                place=service.place(*setting.route),
                message=f"`{setting.name}` is set here and to another value in {entry.place.file}, which is ignored",
                hint="keep one of the two",
            )
