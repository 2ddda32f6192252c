from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._leaks import leaks, reaching_image

_BY_NAME = (".env", ".netrc", ".pypirc", ".pgpass", ".git-credentials", "id_", ".p12", ".pfx")


@project_rule("EG357", "secret-file-copied", Severity.WARNING)
def check(project: Project) -> Iterator[Violation]:
    """COPY names a file that holds a private key or a registry's token, by what is in it.

    Everyone who can pull the image has the file, even when a later instruction deletes it. Names that betray a secret
    (`.env`, `id_rsa`) are what copy-secret-file is about.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM debian:13
        COPY deploy.pem /etc/deploy.pem
        --- deploy.pem
        -----BEGIN RSA PRIVATE KEY-----

    Good:

        --- compose.yaml
        services:
          api:
            build: .
        --- Dockerfile
        FROM debian:13
        COPY chain.pem /etc/chain.pem
        --- chain.pem
        -----BEGIN CERTIFICATE-----
    """
    for link in project.builds:
        if link.context is None or not link.has_context or not link.copies:
            continue
        found = {leak.path: leak.what for leak in leaks(link.context, project.tree)}
        for one in reaching_image(link) if found else ():
            what = found.get(one.path or "")
            name = (one.path or "").rpartition("/")[2]
            if (
                what is None
                or name.startswith(_BY_NAME)
                or name.endswith(_BY_NAME)
                or _is_folder(project, link.context, one.path)
            ):
                continue
            if link.ignore is None or not link.ignore.excludes(one.path or ""):
                yield Violation(
                    place=link.place(one.step.instruction, one.written),
                    message=f"`{one.path}` holds {what}, and becomes part of the image",
                    hint="mount it while building (`RUN --mount=type=secret`), or hand it to the container",
                )


def _is_folder(project: Project, context: str, path: str | None) -> bool:
    return project.tree.is_folder(project.tree.join(context, path or ""))
