"""A build as BuildKit goes through it: the stages that an image needs, with folder, user and variables at each step."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import join, normpath

from envgen.lint.dockerfile.images import base_image, global_args
from envgen.lint.dockerfile.model import Dockerfile, Instruction, Stage
from envgen.lint.dockerfile.shellwords import expand

_FOREIGN = frozenset({"http", "https", "git", "ssh"})


class _History:
    """Variables over time: every change is kept, so that each step can see its own moment without a copy of all."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self.moment = 0
        self.changes: dict[str, list[tuple[int, str | None]]] = {name: [(0, text)] for name, text in values.items()}

    def change(self, values: Mapping[str, str | None]) -> None:
        """Set variables from the next moment on."""
        self.moment += 1
        for name, text in values.items():
            self.changes.setdefault(name, []).append((self.moment, text))


class _Values(Mapping[str, "str | None"]):
    """The variables of one moment."""

    def __init__(self, history: _History) -> None:
        self._history = history
        self._moment = history.moment

    def __getitem__(self, name: str) -> str | None:
        changes = self._history.changes[name]
        at = bisect_right(changes, self._moment, key=lambda change: change[0])
        if not at:
            raise KeyError(name)
        return changes[at - 1][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, changes in self._history.changes.items() if changes[0][0] <= self._moment)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction and what holds before it.

    `workdir` and `user` are None where only the base image knows; `values` are the variables set so far, None standing
    for a value that isn't known.
    """

    instruction: Instruction
    stage: Stage
    workdir: str | None
    user: str | None
    values: Mapping[str, str | None]
    escape: str

    def expand(self, word: str) -> str | None:
        """A word with its variables replaced, None where a value isn't known (the base image may set any)."""
        return expand(word, self.values.get, self.escape).text

    def absolute(self, path: str) -> str | None:
        """A path inside of the image, without its variables and in full; None where that isn't known."""
        text = self.expand(path)
        if not text:
            return None
        if text.startswith("/"):
            return normpath(text).replace("//", "/")
        return normpath(join(self.workdir, text)) if self.workdir else None


@dataclass(frozen=True, slots=True)
class _State:
    environment: Mapping[str, str | None]
    arguments: Mapping[str, str | None]
    workdir: str | None = None
    user: str | None = None


def parent_of(file: Dockerfile, stage: Stage, build_args: Mapping[str, str | None]) -> Stage | None:
    """The earlier stage that a stage is built on, its name's variables replaced; None where it is an image."""
    name = base_image(file, stage, build_args) if "$" in stage.base else stage.base
    return file.named_stage(name, before=stage.index) if name else None


def lineage(file: Dockerfile, final: Stage, build_args: Mapping[str, str | None]) -> tuple[Stage, ...]:
    """The stage itself, the stage it is built on, and so on."""
    found = [final]
    while (parent := parent_of(file, found[-1], build_args)) is not None:
        found.append(parent)
    return tuple(found)


def reachable(file: Dockerfile, final: Stage, build_args: Mapping[str, str | None]) -> tuple[Stage, ...]:
    """The stages that are built for a stage, itself included, in the order of the file."""
    found = {final.index}
    waiting = [final]
    while waiting:
        stage = waiting.pop()
        for other in _needs(file, stage, build_args):
            if other.index not in found:
                found.add(other.index)
                waiting.append(other)
    return tuple(file.stages[index] for index in sorted(found))


def steps(file: Dockerfile, final: Stage, build_args: Mapping[str, str | None]) -> tuple[Step, ...]:
    """Every instruction below the FROMs of the stages that are built for a stage, in the order of the file."""
    args = dict(global_args(file, build_args))
    states: dict[int, _State] = {}
    found: list[Step] = []
    for stage in reachable(file, final, build_args):
        parent = parent_of(file, stage, build_args)
        state = states.get(parent.index, _State({}, {})) if parent else _State({}, {})
        if parent is None and stage.base == "scratch":
            state = replace(state, workdir="/", user="root")
        state = _walk(file, stage, state, (args, build_args), found)
        states[stage.index] = state
    return tuple(found)


def _walk(
    file: Dockerfile,
    stage: Stage,
    state: _State,
    given: tuple[Mapping[str, str | None], Mapping[str, str | None]],
    found: list[Step],
) -> _State:
    """The state after a stage; its steps are added to `found`. ENV wins over ARG, and stages inherit both."""
    args, build_args = given
    environment, arguments = dict(state.environment), dict(state.arguments)
    history = _History(arguments | environment)
    values = _Values(history)
    workdir, user = state.workdir, state.user
    for instruction in stage.instructions:
        step = Step(instruction, stage, workdir, user, values, file.escape)
        found.append(step)
        match instruction.name:
            case "ENV":
                fresh = {key: step.expand(value) for key, value, _ in instruction.pairs}
                environment |= fresh
                history.change(fresh)
                values = _Values(history)
            case "ARG":
                declared = dict(_argument(step, word, args, build_args) for word in instruction.args)
                arguments |= declared
                history.change({name: text for name, text in declared.items() if name not in environment})
                values = _Values(history)
            case "WORKDIR" if instruction.args:
                workdir = step.absolute(instruction.args[0])
            case "USER" if instruction.args:
                user = step.expand(instruction.args[0])
    return _State(environment, arguments, workdir, user)


def _argument(
    step: Step, word: str, args: Mapping[str, str | None], build_args: Mapping[str, str | None]
) -> tuple[str, str | None]:
    name, has_default, default = word.partition("=")
    if name in build_args:
        return name, build_args[name]
    if has_default:
        return name, step.expand(default)
    return name, args.get(name)


def _needs(file: Dockerfile, stage: Stage, build_args: Mapping[str, str | None]) -> Iterator[Stage]:
    parent = parent_of(file, stage, build_args)
    if parent is not None:
        yield parent
    for instruction in stage.instructions:
        names = [instruction.flag("from")] if instruction.name in {"COPY", "ADD"} else []
        for mount in instruction.flag_values("mount") if instruction.name == "RUN" else ():
            names += [part.partition("=")[2] for part in mount.split(",") if part.startswith("from=")]
        for name in names:
            if name and (other := copied_stage(file, stage, name)) is not None:
                yield other


def copied_stage(file: Dockerfile, stage: Stage, name: str) -> Stage | None:
    """The earlier stage that `--from=name` means, by name or number."""
    if name.isdecimal():
        return file.stages[int(name)] if int(name) < stage.index else None
    return file.named_stage(name, before=stage.index)


@dataclass(frozen=True, slots=True)
class Copied:
    """A source of COPY or ADD out of the build context: as `written`, and as a clean `path` relative to it.

    `path` is None where it hangs on a value that isn't known; the context itself is ".". `has_glob` tells of `*`, `?`
    or `[`: BuildKit takes what matches, be it nothing. `target` is where it goes in the image, None if unknown.
    """

    step: Step
    written: str
    path: str | None
    has_glob: bool
    leaves_context: bool
    target: str | None


def copied(step: Step) -> Iterator[Copied]:
    """What a COPY or ADD takes out of the build context; URLs, heredocs and other stages are left out."""
    instruction = step.instruction
    if instruction.name not in {"COPY", "ADD"} or instruction.flag("from") is not None:
        return
    *sources, target = instruction.args or ("",)
    place = step.absolute(target)
    for written in sources:
        if written.startswith("<<") or (instruction.name == "ADD" and _is_remote(written)):
            continue
        text = step.expand(written)
        if text is not None and instruction.name == "ADD" and _is_remote(text):
            continue
        relative = normpath(text.lstrip("/") or ".") if text is not None else None
        inside = normpath("/" + relative).lstrip("/") or "." if relative is not None else None
        yield Copied(
            step=step,
            written=written,
            path=inside,
            has_glob=text is None or any(char in text for char in "*?[\\"),
            leaves_context=relative is not None and relative.split("/")[0] == "..",
            target=place,
        )


def _is_remote(text: str) -> bool:
    scheme, has_scheme, _ = text.partition("://")
    return (bool(has_scheme) and scheme.lower() in _FOREIGN) or text.startswith("git@")
