from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._images import is_moving, split_image


@compose_rule("EG268", "image-without-digest", Severity.INFO, same_as=("compose-lint/CL-0019",), keys=("image",))
def check(compose: Compose) -> Iterator[Violation]:
    """A tag can be moved to another image, a digest can't.

    Whoever gets into the registry's account, or its owner with the next patch, replaces what `postgres:17` is. With
    `tag@sha256:...` you get what you tested; Renovate and Dependabot keep it up to date.

    Bad:

        services:
          db:
            image: postgres:17.2

    Good:

        services:
          db:
            image: postgres:17.2@sha256:888402a8cd6075c5dc83a31f58287f13306c318eaad016661ed12e076f3e6341
    """
    for service in compose.services.values():
        image = service.image
        if not image or "build" in service.data:  # Docker refuses to give a digest to what it builds
            continue
        _, tag, digest = split_image(image)
        if tag and not digest and not is_moving(tag):
            yield Violation(
                place=service.place("image"),
                message=f"the service `{service.name}` runs `{image}`, a tag that can be moved",
                hint="add the digest: `@sha256:...`",
            )
