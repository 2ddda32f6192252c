"""The .dockerignore beside each Dockerfile, which BuildKit reads in place of the context's own."""

from collections.abc import Iterator

from envgen.artifact import Artifact
from envgen.plan import Plan
from envgen.templating import Templates


def render(plan: Plan, templates: Templates) -> Iterator[Artifact]:
    """One .dockerignore an image."""
    for image in plan.images:
        text = templates.render("dockerignore/dockerignore.j2", {"pattern": pattern}, groups=image.ignore)
        yield Artifact(path=f"{image.dockerfile}.dockerignore", text=text, origin=image.route)


def pattern(text: str) -> str:
    """A pattern as a line of its own; one that starts with `#` must not look like a comment."""
    return f"./{text}" if text.startswith("#") else text
