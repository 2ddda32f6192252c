"""How the stages of a Dockerfile hang together."""

from collections.abc import Callable, Iterator

from envgen.lint.dockerfile import Dockerfile, Instruction, Stage


def mount_sources(run: Instruction) -> Iterator[str]:
    """The `from=` of a RUN's mounts."""
    for value in run.flag_values("mount"):
        for field in value.split(","):
            key, _, given = field.strip("\"'").partition("=")
            if key.lower() == "from" and given:
                yield given


def sources(file: Dockerfile, stage: Stage) -> Iterator[Stage]:
    """The stages that a stage is built on or takes files from; those that come later are none."""
    parent = file.parent(stage)
    if parent is not None:
        yield parent
    for one in stage.instructions:
        inner = one.trigger or one
        if not inner.flags:
            continue
        names = (inner.flag("from") or "",) if inner.name in {"COPY", "ADD"} else tuple(mount_sources(inner))
        for name in names:
            found = by_name_or_number(file, name)
            if found is not None and found.index < stage.index:
                yield found


def by_name_or_number(file: Dockerfile, name: str) -> Stage | None:
    """The stage that `COPY --from` means, or None where it is an image."""
    if name.isascii() and name.isdecimal() and len(name) < 6:  # noqa: PLR2004 - more digits than stages
        return file.stages[int(name)] if int(name) < len(file.stages) else None
    return file.named_stage(name) if name else None


def needed(file: Dockerfile, stage: Stage) -> set[int]:
    """The indexes of the stages that are built for a stage, itself included."""
    found, left = {stage.index}, [stage]
    while left:
        for source in sources(file, left.pop()):
            if source.index not in found:
                found.add(source.index)
                left.append(source)
    return found


def inherited(file: Dockerfile, own: Callable[[Stage], bool]) -> list[bool]:
    """For each stage by index whether something is true of it or of a stage that it is built on."""
    found: list[bool] = []
    for stage in file.stages:
        parent = file.parent(stage)
        found.append((parent is not None and found[parent.index]) or own(stage))
    return found


def on_scratch(file: Dockerfile) -> list[bool]:
    """For each stage by index whether it begins with nothing, as all of its lineage does."""
    return inherited(file, lambda stage: stage.base == "scratch")


def in_image(file: Dockerfile) -> frozenset[int]:
    """The indexes of the stages whose files the last stage's image has as they are: itself and what it is built on."""
    return frozenset(stage.index for stage in file.lineage(file.stages[-1])) if file.stages else frozenset()
