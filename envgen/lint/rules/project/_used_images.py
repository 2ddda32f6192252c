"""The published images that a project uses: those that services run, and those that Dockerfiles are built on."""

from collections.abc import Iterator

from envgen.lint.dockerfile.images import base_image
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project
from envgen.lint.rules.project._images import Reference, reference
from envgen.lint.rules.project._once import once


@once
def used_images(project: Project) -> Iterator[tuple[Reference, Place]]:
    """Every image whose name is known, with the place where it is named, each once."""
    if project.compose:
        for service in project.compose.services.values():
            image = reference(service.image) if service.data.get("build") is None else None
            if image:
                yield image, service.place("image")
    seen: set[tuple[Reference, Place]] = set()
    for link in project.builds:
        for found in _bases(link):
            if found not in seen:
                seen.add(found)
                yield found


def _bases(link: BuildLink) -> Iterator[tuple[Reference, Place]]:
    file = link.parsed
    if file is None:
        return
    given = {name: value if value is None or "$" not in value else None for name, value in link.args.items()}
    build = link.service.build if link.service else None
    for stage in file.stages:
        base = base_image(file, stage, given)
        if base is None or file.named_stage(base, before=stage.index) or (build and base in build.additional_contexts):
            continue
        if image := reference(base):
            yield image, link.place(stage.origin, stage.base)
