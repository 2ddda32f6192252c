from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule


@project_rule("EG326", "image-built-twice", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """Two services build different things and give them the same image name.

    The one that is built last takes the name, and both services may run it: which one, hangs on the order of the
    builds. It comes from copying a service.

    Bad:

        --- compose.yaml
        services:
          api:
            image: shop/api
            build: ./api
          worker:
            image: shop/api
            build: ./worker
        --- api/Dockerfile
        FROM node:22
        --- worker/Dockerfile
        FROM python:3.13

    Good:

        --- compose.yaml
        services:
          api:
            image: shop/api
            build: ./api
          worker:
            image: shop/worker
            build: ./worker
        --- api/Dockerfile
        FROM node:22
        --- worker/Dockerfile
        FROM python:3.13
    """
    first: dict[str, BuildLink] = {}
    for link in project.builds:
        service = link.service
        if service is None or not service.image or "$" in service.image or link.context is None or link.is_inline:
            continue
        other = first.setdefault(service.image, link)
        if other is link or other.service is None or _what(other) == _what(link):
            continue
        if service.data.get("profiles") and other.service.data.get("profiles"):
            continue
        yield Violation(
            place=service.place("image"),
            message=f"the services `{other.service.name}` and `{service.name}` build different images and name both"
            f" `{service.image}`",
            hint="give each an image name of its own",
        )


def _what(link: BuildLink) -> tuple[str | None, str | None, str]:
    return link.context, link.dockerfile_path, link.service.build.target if link.service and link.service.build else ""
