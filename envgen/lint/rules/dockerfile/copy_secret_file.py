import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_SECRET = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?:local|prod|production|staging|development|dev))?(?:\.local)?"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|[^/]*(?:private|priv)[-_.]?key[^/]*\.pem|\.aws(?:/credentials)?|\.ssh"
    r"|\.netrc|\.pypirc|\.pgpass|\.git-credentials|\.kube(?:/config)?|\.docker/config\.json|\.dockercfg"
    r"|credentials\.json|service[-_]account(?:[-_]key)?\.json|\.git|[^/]+\.(?:p12|pfx|ppk)"
    r"|(?:server|tls|ssl|https?|priv|ca|client|domain|localhost|cert|nginx|self-?signed)[^/]{0,60}\.key"
    r"|privkey\d*\.pem|(?:[^/]{0,60}-)?key\.pem)/?$"
)


@dockerfile_rule(
    "EG143", "copy-secret-file", Severity.WARNING, same_as=("trivy/DS-0031", "df-doctor/DD052", "df-doctor/DD053")
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A file that holds secrets is copied into the image.

    Everyone who can pull the image has the file, even when a later instruction deletes it: the layer stays. Give
    secrets to the build with `--mount=type=secret` and to the container when it runs; `.git` holds every secret that
    was ever committed.

    Bad:

        FROM node:22
        COPY .env /app/.env

    Good:

        FROM node:22
        RUN --mount=type=secret,id=env,target=/app/.env npm run build
    """
    if not file.stages:
        return
    for stage in file.lineage(file.stages[-1]):
        for one in stage.instructions:
            if one.name not in {"COPY", "ADD"} or one.flag("from") is not None:
                continue
            for source in one.args[:-1]:
                bare = source.strip("\"'")
                if _SECRET.search(bare) and not bare.startswith("http"):
                    yield Violation(
                        place=file.place(one, source),
                        message=f"`{bare}` becomes part of the image, for everyone who can pull it",
                        hint="mount it while building (`RUN --mount=type=secret`), or hand it to the container",
                    )
