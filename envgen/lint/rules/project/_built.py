"""What is known of a service's image: the published one at its root, and what the stages of its Dockerfile add."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from envgen.lint.composefile import Service
from envgen.lint.dockerfile import Dockerfile, Instruction, Stage
from envgen.lint.dockerfile.images import base_image, global_args
from envgen.lint.dockerfile.shellwords import MISSING, Value, expand
from envgen.lint.project import BuildLink, Project
from envgen.lint.rules.project._images import Reference, reference
from envgen.lint.rules.project._once import once_a_service


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A service's image. `root` is the published image below all stages, None where it isn't known.

    The stages are those that the image is made of, the first first. `environment` holds its ENV, None for a value that
    isn't known. `ports` are those that it EXPOSEs, None for one that isn't known. `command`, `entrypoint`, and
    `healthcheck` are the instructions in force, None where the stages have none.
    """

    root: Reference | None
    link: BuildLink | None = None
    stages: tuple[Stage, ...] = ()
    environment: Mapping[str, str | None] = field(default_factory=dict)
    exposed: tuple[tuple[str | None, Instruction], ...] = ()
    command: Instruction | None = None
    entrypoint: Instruction | None = None
    healthcheck: Instruction | None = None

    @property
    def is_local(self) -> bool:
        """Whether there is a Dockerfile to look into."""
        return bool(self.stages)

    @property
    def text(self) -> str:
        """The instructions that say how the image runs, as one text."""
        said = [one.text for stage in self.stages for one in stage.instructions if one.name in _RUNNING]
        return "\n".join(said)


_RUNNING = {"ENV", "ARG", "CMD", "ENTRYPOINT", "RUN"}
_UNKNOWN = Image(root=None)


@once_a_service
def image_of(project: Project, service: Service) -> Image:
    """What is known of the image that a service runs."""
    if service.data.get("build") is None:
        return Image(root=reference(service.image))
    link = project.build_of(service.name)
    return built(link) if link else _UNKNOWN


def built(link: BuildLink) -> Image:
    """What is known of an image that is built."""
    file, stage = link.parsed, link.final_stage
    if file is None or stage is None:
        return _UNKNOWN
    given = {name: value if value is None or "$" not in value else None for name, value in link.args.items()}
    stages, root = _lineage(file, stage, given)
    extra = link.service.build.additional_contexts if link.service and link.service.build else frozenset()
    reader = _Reader(file, given)
    for one in stages:
        reader.enter()
        for instruction in one.instructions:
            reader.read(instruction)
    return Image(
        root=None if root is None or root in extra else reference(root),
        link=link,
        stages=stages,
        environment=reader.environment,
        exposed=tuple(reader.exposed),
        command=reader.last.get("CMD"),
        entrypoint=reader.last.get("ENTRYPOINT"),
        healthcheck=reader.last.get("HEALTHCHECK"),
    )


def _lineage(file: Dockerfile, stage: Stage, given: Mapping[str, str | None]) -> tuple[tuple[Stage, ...], str | None]:
    """The stages that a stage is made of, the first first, and the image below them."""
    found = [stage]
    while True:
        base = base_image(file, found[-1], given)
        parent = file.named_stage(base, before=found[-1].index) if base else None
        if parent is None:
            return tuple(reversed(found)), base
        found.append(parent)


class _Reader:
    """Goes through instructions in order and keeps what holds at the end."""

    def __init__(self, file: Dockerfile, given: Mapping[str, str | None]) -> None:
        self.environment: dict[str, str | None] = {}
        self.exposed: list[tuple[str | None, Instruction]] = []
        self.last: dict[str, Instruction] = {}
        self._escape = file.escape
        self._given = given
        self._global = global_args(file, given)
        self._args: dict[str, str | None] = {}

    def enter(self) -> None:
        """A stage begins: its arguments are its own."""
        self._args = {}

    def read(self, instruction: Instruction) -> None:
        """Takes in one instruction."""
        match instruction.name:
            case "ARG":
                self._declare(instruction)
            case "ENV":
                for name, value, _ in instruction.pairs:
                    self.environment[name] = self._expand(value)
            case "EXPOSE":
                self.exposed += [(self._expand(word), instruction) for word in instruction.args]
            case "ENTRYPOINT":
                self.last["ENTRYPOINT"] = instruction
                self.last.pop("CMD", None)
            case "CMD" | "HEALTHCHECK":
                self.last[instruction.name] = instruction

    def _declare(self, instruction: Instruction) -> None:
        for word in instruction.args:
            name, has_default, default = word.partition("=")
            if name in self._given:
                self._args[name] = self._given[name]
            elif has_default:
                self._args[name] = self._expand(default)
            elif name in self._global:
                self._args[name] = self._global[name]

    def _expand(self, text: str) -> str | None:
        return expand(text, self._lookup, self._escape).text

    def _lookup(self, name: str) -> Value:
        if name in self.environment:
            return self.environment[name]
        return self._args.get(name, MISSING)
