"""What stays out of a build context."""

import posixpath
import re
from collections.abc import Iterator

from envgen.plan.context import Context
from envgen.plan.model import IgnoreGroup
from envgen.runtimes import Language
from envgen.spec.model import Spec

_SECRETS = ("**/.env", "**/.env.*", "!**/.env.example", "**/.git", "secrets")
_OWN_FILES = ("**/*.Dockerfile", "**/*.dockerignore", "compose*.yaml", "envgen.yaml", "envgen.lock")
_SPECIAL = re.compile(r"([\\*?\[\]])")


def ignored(spec: Spec, folder: str, language: Language, context: Context) -> tuple[IgnoreGroup, ...]:
    """The patterns of the .dockerignore for an image of the language; `folder` is the context's, normalised."""
    secrets = (*_SECRETS, *(pattern for pattern in _secret_files(spec, folder) if pattern not in _SECRETS))
    own = tuple(name.removeprefix("/") if name.startswith("/") else f"**/{name}" for name in language.ignore)
    groups = (
        IgnoreGroup(reason="secrets and local settings never get into an image", patterns=secrets),
        IgnoreGroup(reason="made anew in the image", patterns=own),
        IgnoreGroup(reason="changes here need no new image", patterns=_OWN_FILES),
        IgnoreGroup(reason="taken over from .dockerignore; the last match decides", patterns=context.ignore),
    )
    return tuple(group for group in groups if group.patterns)


def _secret_files(spec: Spec, folder: str) -> Iterator[str]:
    """The files of the spec's secrets that lie in the context, as patterns that match them alone."""
    secrets = spec.sections.get("secrets")
    for secret in secrets.values() if isinstance(secrets, dict) else ():
        file = secret.get("file") if isinstance(secret, dict) else None
        if not isinstance(file, str) or "$" in file or not file.isprintable():
            continue
        inside = posixpath.normpath(file)
        path = posixpath.relpath(f"/{inside}", f"/{folder}")
        if not inside.startswith(("/", "..")) and not path.startswith(("..", "secrets/")):
            yield _SPECIAL.sub(r"\\\1", path)
