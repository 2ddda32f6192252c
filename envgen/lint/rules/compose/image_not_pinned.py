from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._images import is_moving, split_image


@compose_rule(
    "EG267",
    "image-not-pinned",
    Severity.INFO,
    same_as=("compose-lint/CL-0004", "dclint/service-image-require-explicit-tag", "compose-auditor/IMG001"),
    keys=("image", "build"),
)
def check(compose: Compose) -> Iterator[Violation]:
    """An image without a version is another one tomorrow.

    No tag means `latest`, and what that names changes with every release: two hosts run different programs, a pull
    breaks what worked, and there is no way back. What the service builds has its name for others who pull it; with
    `pull_policy: build` or `never` nobody does, and there is nothing to say.

    Bad:

        services:
          db:
            image: postgres:latest

    Good:

        services:
          db:
            image: postgres:17.2
    """
    for service in compose.services.values():
        image = service.image
        is_built = "build" in service.data
        if not image or (is_built and service.data.get("pull_policy") in ("build", "never")):
            continue
        name, tag, digest = split_image(image)
        if digest or (tag and not is_moving(tag)):
            continue
        if not tag and ("$" in name.rpartition("/")[2] or name.endswith("}")):  # the variable may hold the tag
            continue
        what = f"with the moving tag `{tag}`" if tag else "without a tag, which means `latest`"
        yield Violation(
            place=service.place("image"),
            message=f"the service `{service.name}` {'builds' if is_built else 'runs'} `{name}` {what}",
            hint="name its version, so that who pulls it knows which one runs"
            if is_built
            else "name the version that was tested",
        )
