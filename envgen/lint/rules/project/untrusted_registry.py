from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile.images import base_image
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project, in_dockerfile
from envgen.lint.rule import Violation, project_rule

_HUB = ("docker.io", "hub.docker.com")  # both mean an image without a registry


@project_rule("EG360", "untrusted-registry", Severity.WARNING, same_as=("hadolint/DL3026", "tally/hadolint/DL3026"))
def check(project: Project) -> Iterator[Violation]:
    """An image comes from a registry that isn't on the list of trusted ones.

    With `trusted-registries` in the configuration only those may be used, in Dockerfiles and in compose files. An entry
    is a host with its port (`docker.io` for names without one), and may begin or end with `*`. Without a list every
    registry will do. The examples trust `docker.io` and `*.example.com`.

    Bad:

        --- compose.yaml
        services:
          db:
            image: ghcr.io/someone/postgres:17

    Good:

        --- compose.yaml
        services:
          db:
            image: registry.example.com/postgres:17
    """
    trusted = project.options.trusted_registries
    if not trusted:
        return
    for image, place in _images(project):
        if not any(_matches(entry, host) for host in _hosts(image) for entry in trusted):
            yield Violation(
                place=place,
                message=f"`{image}` comes from `{_hosts(image)[0]}`, which is no trusted registry",
                hint=f"use an image from {', '.join(trusted)}, or add the registry to `trusted-registries`",
            )


def _images(project: Project) -> Iterator[tuple[str, Place]]:
    if project.compose:
        for service in project.compose.services.values():
            if service.image and "$" not in service.image and "build" not in service.data:
                yield service.image, service.place("image")
    for link in project.builds:
        yield from _bases(link)


def _bases(link: BuildLink) -> Iterator[tuple[str, Place]]:
    file = link.parsed
    if file is None:
        return
    given = {name: value if value is None or "$" not in value else None for name, value in link.args.items()}
    contexts = link.service.build.additional_contexts if link.service and link.service.build else frozenset()
    for stage in file.stages:
        base = base_image(file, stage, given)
        if base is None or base == "scratch" or base in contexts or file.named_stage(base, before=stage.index):
            continue
        if link.dockerfile_path is None and link.service:
            yield base, link.service.place("build", "dockerfile_inline")
        else:
            yield base, in_dockerfile(file.place(stage.origin, stage.base), file.path)


def _hosts(image: str) -> tuple[str, ...]:
    """The names of the registry that an image comes from."""
    host, slash, _ = image.partition("/")
    is_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    return (host,) if is_host else _HUB


def _matches(entry: str, host: str) -> bool:
    if entry.startswith("*"):
        return host.endswith(entry[1:])
    return host.startswith(entry[:-1]) if entry.endswith("*") else host == entry
