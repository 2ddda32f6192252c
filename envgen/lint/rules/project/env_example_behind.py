import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._settings import files_of
from envgen.lint.rules.project._variables import is_from_elsewhere, keys, pairs

_WORD = re.compile(r"\w+")


@project_rule("EG354", "env-example-behind", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """The example of a file of variables lacks one that the local file has.

    Here all works, because the variable was added by hand. Whoever copies the example gets a project without it. For
    `.env` those count that a compose file uses, or all where a service has it as its `env_file`.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env.example
        LOG_LEVEL=info
        --- .env
        LOG_LEVEL=debug
        API_VERSION=2

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:${API_VERSION}
        --- .env.example
        LOG_LEVEL=info
        API_VERSION=1
        --- .env
        LOG_LEVEL=debug
        API_VERSION=2
    """
    compose = project.compose
    if compose is None:
        return
    read = {path for service in compose.services.values() for path in files_of(project, service)}
    mentioned: dict[str, set[str]] = {}
    for path, example in pairs(project):
        words = _WORD.findall(project.tree.text(example) or "")
        mentioned.setdefault(path, set()).update(words)
    used: set[str] | None = None
    examples = dict(reversed(list(pairs(project))))
    for path, example in examples.items():
        missing = [name for name in keys(project, path) if name not in mentioned[path] and not is_from_elsewhere(name)]
        if missing and path not in read:
            used = used if used is not None else {word for one in compose.sources for word in _WORD.findall(one.text)}
            missing = [name for name in missing if name in used]
        for name in missing if mentioned[path] else ():
            yield Violation(
                place=Place(1, 1, 1, example),
                message=f"`{name}` is in {path}, but not in the example",
                hint=f"add a line `{name}=` to it",
            )
