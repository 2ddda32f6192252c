from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile.short_forms import listed, mapped
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.project import BuildLink, Project, in_dockerfile
from envgen.lint.rule import Violation, project_rule


@project_rule(
    "EG361", "required-labels", Severity.WARNING, same_as=("hadolint/DL3049", "tally/hadolint/DL3049"), keys=("build",)
)
def check(project: Project) -> Iterator[Violation]:
    """An image lacks a label that the configuration asks for.

    With `required-labels` every image that is built has to have these, from LABEL in the final stage or one that it is
    built on, or from `build.labels` in the compose file. Without a list none is asked for. The examples require
    `org.opencontainers.image.source`.

    Bad:

        --- Dockerfile
        FROM alpine:3.21
        LABEL version=1

    Good:

        --- Dockerfile
        FROM alpine:3.21
        LABEL org.opencontainers.image.source="https://git.example.com/shop"
    """
    required = project.options.required_labels
    if not required:
        return
    for link in project.builds:
        file, stage = link.parsed, link.final_stage
        if file is None or stage is None:
            continue
        present = _labels(file, stage) | _of_build(link)
        missing = [label for label in required if label not in present]
        if missing:
            is_inline = link.dockerfile_path is None and link.service is not None
            names = ", ".join(f"`{label}`" for label in missing)
            yield Violation(
                place=link.service.place("build", "dockerfile_inline")
                if is_inline and link.service
                else in_dockerfile(file.place(stage.origin), file.path),
                message=f"the image lacks the required label{'s' if len(missing) > 1 else ''} {names}",
                hint=f'write `LABEL {missing[0]}="..."` in this stage',
            )


def _labels(file: Dockerfile, stage: Stage) -> set[str]:
    return {
        key.strip("\"'")
        for one in file.lineage(stage)
        for instruction in one.instructions
        if instruction.name == "LABEL"
        for key, _, _ in instruction.pairs
    }


def _of_build(link: BuildLink) -> set[str]:
    if link.service is None:
        return set()
    labels = mapped(link.service.data.get("build")).get("labels")
    return {str(item).partition("=")[0] for item in listed(labels)} | set(mapped(labels))
