from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around
from envgen.lint.rules.project._mounts import missing_files


@project_rule("EG320", "local-file-missing", Severity.INFO, keys=("volumes",))
def check(project: Project) -> Iterator[Violation]:
    """A mounted file that everybody has to make for themselves doesn't exist yet.

    Git ignores it, an example lies beside it, or it looks like a certificate or a database. Until it is there, Docker
    makes a folder of that name and mounts it.

    Bad:

        --- compose.yaml
        services:
          web:
            image: nginx:1.29
            volumes:
              - ./site.conf:/etc/nginx/conf.d/default.conf:ro
        --- site.conf.example
        server {}

    Good:

        --- compose.yaml
        services:
          web:
            image: nginx:1.29
            volumes:
              - ./site.conf:/etc/nginx/conf.d/default.conf:ro
        --- site.conf.example
        server {}
        --- site.conf
        server {}
    """
    for one in missing_files(project):
        if not one.is_local:
            continue
        template = around.template_of(project.tree, one.path)
        yield Violation(
            place=one.place,
            message=f"`{one.path}` doesn't exist yet: Docker would make a folder of it",
            hint=f"copy `{template}` to it first" if template else "make it before `docker compose up`",
        )
