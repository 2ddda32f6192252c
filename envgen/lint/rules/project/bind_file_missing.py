from collections.abc import Iterator

from envgen import suggest
from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._mounts import missing_files


@project_rule("EG319", "bind-file-missing", Severity.WARNING, keys=("volumes",))
def check(project: Project) -> Iterator[Violation]:
    """A file that is mounted into a container doesn't exist.

    Docker makes a folder of that name, on the host as root, and mounts it: the program finds a folder where its
    configuration should be, or the container doesn't start at all ("not a directory").

    Bad:

        --- compose.yaml
        services:
          web:
            image: nginx:1.29
            volumes:
              - ./ngnix.conf:/etc/nginx/nginx.conf:ro
        --- nginx.conf
        events {}

    Good:

        --- compose.yaml
        services:
          web:
            image: nginx:1.29
            volumes:
              - ./nginx.conf:/etc/nginx/nginx.conf:ro
        --- nginx.conf
        events {}
    """
    for one in missing_files(project):
        if one.is_local:
            continue
        tree = project.tree
        near = suggest.closest(one.path.rpartition("/")[2], tree.names(tree.beside(one.path, ".")))
        yield Violation(
            place=one.place,
            message=f"`{one.path}` doesn't exist: Docker makes a folder of it, and mounts that at `{one.target}`",
            hint=f"did you mean `{tree.beside(one.path, near)}`?" if near else None,
        )
