import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._around import is_ignored_by_git, root_of
from envgen.lint.rules.project._env_files import Entry, entries
from envgen.lint.rules.project._settings import files_of

_EXAMPLE = re.compile(r"(?:.*[._-])?(?:example|sample|template|dist|tpl|tmpl)(?:[._-].*)?", re.IGNORECASE)


@project_rule(
    "EG362",
    "secret-in-env-file",
    Severity.INFO,
    same_as=("compose-lint/CL-0020", "compose-lint/CL-0021"),
    keys=("env_file",),
)
def check(project: Project) -> Iterator[Violation]:
    """An `env_file` of a service holds a password or key, and git doesn't ignore the file.

    With the next commit everybody who can read the repository has it, and it stays in its history. Name the file in
    .gitignore, and commit an example of it without the values. Secrets in the compose file itself are what
    secret-in-environment is about.

    Bad:

        --- compose.yaml
        services:
          db:
            image: postgres:17
            env_file: db.env
        --- db.env
        POSTGRES_PASSWORD=Wm4xUqTz

    Good:

        --- compose.yaml
        services:
          db:
            image: postgres:17
            env_file: db.env
        --- db.env
        POSTGRES_PASSWORD=Wm4xUqTz
        --- .gitignore
        *.env
    """
    if project.compose is None:
        return
    seen: set[str] = set()
    for service in project.compose.services.values():
        for path, text in files_of(project, service).items() if service.env_files else ():
            if not text or path in seen or _EXAMPLE.fullmatch(path.rpartition("/")[2]):
                continue
            seen.add(path)
            found = _secrets(project, text, path)
            if found and not is_ignored_by_git(project.tree, path, root_of(project.tree, path)):
                for entry in found:
                    yield Violation(
                        place=entry.place,
                        message=f"the secret `{entry.name}` stands in an `env_file` that git doesn't ignore",
                        hint="name the file in .gitignore, and commit an example of it without the values",
                    )


def _secrets(project: Project, text: str, path: str) -> list[Entry]:
    """The variables of a file that are given a secret."""
    from envgen.lint.rules.compose._secrets import has_url_password, is_secret, is_secret_name  # noqa: PLC0415
    from envgen.lint.rules.compose._shipped import shipped  # noqa: PLC0415 - only who has such files pays for it

    environment = project.compose.environment if project.compose else {}
    found = []
    for entry in entries(text, path):
        if entry.value and (is_secret_name(entry.name) or "://" in entry.value):
            value = shipped(entry.value, environment)
            if is_secret(entry.name, value) or has_url_password(value.text):
                found.append(entry)
    return found
