from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile.short_forms import listed, mapped
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around


@project_rule("EG321", "secret-file-missing", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """The file of a secret or config that a service uses doesn't exist.

    `docker compose config` accepts it, and `up` fails with "bind source path does not exist". A file that git ignores
    or that has an example beside it is one that everybody makes for themselves, and is no finding.

    Bad:

        --- compose.yaml
        services:
          db:
            image: postgres:17
            secrets: [db_password]
        secrets:
          db_password:
            file: ./db_pasword.txt
        --- db_password.txt
        hunter2

    Good:

        --- compose.yaml
        services:
          db:
            image: postgres:17
            secrets: [db_password]
        secrets:
          db_password:
            file: ./db_password.txt
        --- db_password.txt
        hunter2
    """
    compose, tree = project.compose, project.tree
    if compose is None:
        return
    for section in ("secrets", "configs"):
        entries = compose.section(section)
        used = _used(project, section) if entries else set()
        for name, entry in entries.items():
            file = mapped(entry).get("file")
            if name not in used or not isinstance(file, str) or "$" in file or file.startswith(("/", "~")):
                continue
            path = tree.join(compose.folder(section, name, "file"), file)
            if tree.exists(path):
                continue
            root = around.root_of(tree, compose.path)
            if not around.is_inside(path, root) or around.is_ignored_by_git(tree, path, root):
                continue
            if around.is_from_above(tree, compose.path, file, root):
                continue
            if around.template_of(tree, path) or around.is_submodule(tree, path, root):
                continue
            yield Violation(
                place=compose.place(section, name, "file"),
                message=f"the file `{path}` of the {section.removesuffix('s')} `{name}` doesn't exist:"
                " `docker compose up` fails",
                hint="make the file, and let git ignore it if it holds a secret",
            )


def _used(project: Project, section: str) -> set[str]:
    found: set[str] = set()
    for service in project.compose.services.values() if project.compose else ():
        for item in listed(service.data.get(section)):
            source = item.get("source") if isinstance(item, dict) else item
            if isinstance(source, str):
                found.add(source)
    return found
