"""What differs between the disk and a fresh render, why, and what is to be done. Decides only: no I/O."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from envgen import codes
from envgen.artifact import LOCK_NAME, Artifact, path_key
from envgen.finding import Finding
from envgen.lock import Lock, digest, format_lock

_MAX_DIFF_LINES = 20_000
_NOTHING: frozenset[str] = frozenset()


class State(StrEnum):
    """What stands at a path."""

    MISSING = "missing"
    SAME = "same"  # what would be rendered now
    OURS = "ours"  # what envgen rendered earlier, unmodified
    EDITED = "edited"  # envgen rendered a file here, and this isn't it any more
    FOREIGN = "foreign"  # envgen never rendered a file here


class Action(StrEnum):
    """What a render does about it."""

    WRITE = "write"
    DELETE = "delete"
    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    r"""A file as it stands on disk: its text with "\n" line ends, or None and a `note` why there is no text to show."""

    text: str | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The lock (None: there is none) and what stands at the paths of the artifacts, of the lock, and at envgen.lock."""

    lock: Lock | None
    files: Mapping[str, Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a render means for one path.

    `cause` says why the path differs ("" if it doesn't, or if the lock only follows the other changes). `before` is
    None where there is no file, `after` is None where there will be none; `origin` is the artifact's.
    """

    path: str
    state: State
    action: Action
    cause: str = ""
    before: Content | None = None
    after: str | None = None
    origin: tuple[str | int, ...] = ()

    @property
    def text_before(self) -> str | None:
        """The text on disk; None if there is no file, or none that can be read as text."""
        return self.before.text if self.before else None

    @property
    def diff(self) -> str:
        """The unified diff of what a render does here, also if it is refused; "" if it leaves the file alone."""
        if self.action is Action.KEEP:
            return ""
        if self.before is not None and self.before.text is None:
            return f"a/{self.path} and b/{self.path} differ: the first {self.before.note}\n"
        old, new = self.text_before, self.after
        names = (
            f"a/{self.path}" if old is not None else "/dev/null",
            f"b/{self.path}" if new is not None else "/dev/null",
        )
        return _unified(_split(old or ""), _split(new or ""), names)

    @property
    def line(self) -> int:
        """The first line of the file on disk that differs from the fresh render."""
        if self.text_before is None or self.after is None:
            return 1
        old, new = _split(self.text_before), _split(self.after)
        same = next((i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(new))
        return max(1, min(same + 1, len(old)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The changes, sorted by path with envgen.lock's last, and the lock once they are made."""

    changes: tuple[Change, ...]
    lock: Lock


def decide(
    artifacts: Sequence[Artifact],
    snapshot: Snapshot,
    *,
    plan_hash: str,
    version: str,
    spec: str = "",
    force: bool = False,
) -> Decision:
    """Say what a render of `artifacts` means for each of them, for what an earlier render left over, and for the lock.

    Files of others are refused, unless `force` is given; even then what was left over and edited is only kept. `spec`
    is the name of the spec's file, "" where it has none.
    """
    old = snapshot.lock or Lock(version=version, plan="", files={})
    files = {artifact.path: digest(artifact.text) for artifact in artifacts}
    new = Lock(version=version, plan=plan_hash, files=files, spec=spec or old.spec)
    hashes: dict[str, frozenset[str]] = {}
    for path, known in old.hashes().items():
        hashes[path_key(path)] = hashes.get(path_key(path), _NOTHING) | known
    judge = _Judge(snapshot=snapshot, new=new, hashes=hashes)
    changes = [judge.rendered(a) for a in artifacts]
    changes += filter(None, (judge.left_over(path) for path in old.hashes().keys() - files.keys()))
    if force:
        changes = [replace(c, action=Action.WRITE) if c.action is Action.REFUSE else c for c in changes]
    changes.sort(key=lambda change: change.path)
    lock_change = judge.lock_change(changes)
    if lock_change is None:
        return Decision(changes=tuple(changes), lock=old)
    return Decision(changes=(*changes, lock_change), lock=new)


def interim_lock(decision: Decision, old: Lock | None) -> Lock:
    """Return the lock to write before the first file of `decision` is touched.

    It knows all that the old lock knew, what is about to be replaced, and what is about to be written: whenever the
    render dies, each file is found in it.
    """
    also = dict(old.hashes()) if old else {}
    for change in decision.changes:
        if change.action is Action.WRITE and change.path != LOCK_NAME and (text := change.text_before) is not None:
            also[change.path] = also.get(change.path, _NOTHING) | {digest(text)}
    also = {path: rest for path, known in also.items() if (rest := known - {decision.lock.files.get(path)})}
    return replace(decision.lock, also=also, unfinished=True)


def drift_findings(changes: Sequence[Change], root: Path) -> tuple[Finding, ...]:
    """Report what differs (EG043): one finding for each path below the folder `root`, with its cause."""
    return tuple(
        _finding(codes.DRIFT, c, root, f"{_DRIFT[c.action]}: {c.cause}{_place(c)}", _HINTS[c.action])
        for c in changes
        if c.cause
    )


def refusals(changes: Sequence[Change], root: Path, owners: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Report each file that a render would have to overwrite and must not (EG042).

    `owners` are the locks of other folders that have such a file: another spec renders it, and differently.
    """
    refused = (change for change in changes if change.action is Action.REFUSE)
    return tuple(_refusal(change, root, (owners or {}).get(change.path)) for change in refused)


def _refusal(change: Change, root: Path, owner: str | None) -> Finding:
    message = f"the file is not overwritten: {change.cause}"
    hint = "`envgen render --diff` shows what would change, and --force overwrites the file"
    if owner is not None:
        message = f"the file is not overwritten: the spec beside {owner} renders it, too, and differently"
        hint = "render from one of the two places; or give one of them another path under `outputs.dockerfiles`"
    return _finding(codes.FOREIGN_FILE, change, root, message, hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Compares one path at a time; `hashes` are the recorded ones by `path_key`."""

    snapshot: Snapshot
    new: Lock
    hashes: Mapping[str, frozenset[str]]

    def rendered(self, artifact: Artifact) -> Change:
        before = self.snapshot.files.get(artifact.path)
        state = self._state(artifact.path, before, artifact.text)
        action, cause = Action.WRITE, ""
        if state is State.SAME:
            action = Action.KEEP
        elif state is State.MISSING:
            cause = self._missing(artifact.path)
        elif state is State.OURS:
            cause = self._changed()
        else:
            action, cause = Action.REFUSE, self._not_ours(artifact, state, before)
        return Change(
            path=artifact.path,
            state=state,
            action=action,
            cause=cause,
            before=before,
            after=artifact.text,
            origin=artifact.origin,
        )

    def left_over(self, path: str) -> Change | None:
        before = self.snapshot.files.get(path)
        if before is None:
            return None
        cause = "the plan has no such output any more"
        if self._state(path, before, None) is State.OURS:
            return Change(path=path, state=State.OURS, action=Action.DELETE, cause=cause, before=before)
        cause += f", and {before.note or 'it was edited by hand'}"
        return Change(path=path, state=State.EDITED, action=Action.KEEP, cause=cause, before=before, after=before.text)

    def lock_change(self, changes: Sequence[Change]) -> Change | None:
        """Return what happens to the lock; None if what it says of files is true.

        The envgen and the plan that it names are those of the render that last changed something. A newer envgen or
        plan with the same bytes is no drift.
        """
        lock, before = self.snapshot.lock, self.snapshot.files.get(LOCK_NAME)
        after = format_lock(self.new)
        if lock is None:
            cause = "it is missing"
            return Change(path=LOCK_NAME, state=State.MISSING, action=Action.WRITE, cause=cause, after=after)
        if not (lock.merged or lock.unfinished or any(self._wrong(lock))):
            return None
        cause = ""
        explained = {c.path for c in changes if c.state is not State.SAME}
        if lock.merged:
            cause = "it holds both sides of a merge"
        elif lock.unfinished:
            cause = "the last render was interrupted"
        elif wrong := sorted(path for path in self._wrong(lock) if path not in explained):
            cause = f"it doesn't say what is rendered now of {', '.join(wrong)}"
        return Change(path=LOCK_NAME, state=State.OURS, action=Action.WRITE, cause=cause, before=before, after=after)

    def _wrong(self, lock: Lock) -> Iterator[str]:
        paths = {**lock.files, **lock.also, **self.new.files}
        now = self.new
        return (p for p in paths if lock.files.get(p) != now.files.get(p) or lock.also.get(p) != now.also.get(p))

    def _recorded(self, path: str) -> frozenset[str]:
        return self.hashes.get(path_key(path), _NOTHING)

    def _state(self, path: str, before: Content | None, fresh: str | None) -> State:
        if before is None:
            return State.MISSING
        if before.text is not None:
            if fresh is not None and before.text == fresh.replace("\r\n", "\n"):
                return State.SAME
            if digest(before.text) in self._recorded(path):
                return State.OURS
        return State.EDITED if self._recorded(path) else State.FOREIGN

    def _missing(self, path: str) -> str:
        interrupted = self.snapshot.lock is not None and self.snapshot.lock.unfinished
        return "it was deleted" if self._recorded(path) and not interrupted else self._changed()

    def _changed(self) -> str:
        """Why a render differs from the last one."""
        lock = self.snapshot.lock
        if lock is None:
            return "it was never rendered (envgen.lock is missing)"
        if lock.unfinished:
            return "the last render was interrupted"
        if lock.merged:
            return "the lock holds both sides of a merge"
        reasons = []
        if lock.plan != self.new.plan:
            reasons.append("the spec, or a file that it names, changed")
        if lock.version != self.new.version:
            reasons.append(f"envgen {lock.version} rendered last, and this is {self.new.version}")
        return "; ".join(reasons) or "a template, or a file that envgen reads, changed"

    def _not_ours(self, artifact: Artifact, state: State, before: Content | None) -> str:
        if before is not None and before.text is None:
            return f"envgen didn't write it; it {before.note}"
        if self.snapshot.lock is None:
            return "envgen.lock is missing, and without it nothing says that envgen wrote this file"
        if state is State.FOREIGN:
            return "envgen didn't write it (it isn't in envgen.lock)"
        edited = "it was edited by hand"
        if before is not None and before.text is not None and "\n<<<<<<< " in f"\n{before.text}":
            edited = "it holds a merge conflict"
        return (
            edited
            if digest(artifact.text) in self._recorded(artifact.path)
            else f"{edited}; besides, {self._changed()}"
        )


_DRIFT = {
    Action.WRITE: "the file differs from what would be rendered",
    Action.REFUSE: "the file differs from what would be rendered",
    Action.DELETE: "the file is left over from an earlier render",
    Action.KEEP: "the file is left over from an earlier render",
}
_HINTS = {
    Action.WRITE: "run `envgen render`",
    Action.REFUSE: "move the change into the spec, then `envgen render --force` overwrites the file",
    Action.DELETE: "run `envgen render`; it deletes the file",
    Action.KEEP: "`envgen render` leaves the file to you: delete it, or keep it as your own",
}


def _place(change: Change) -> str:
    return f" ({'.'.join(map(str, change.origin))} in the spec asks for it)" if change.origin else ""


def _finding(code: str, change: Change, root: Path, message: str, hint: str) -> Finding:
    lines = _split(change.text_before or "")
    excerpt = lines[change.line - 1].rstrip("\n") if lines and change.after is not None else ""
    return Finding(
        code=code,
        severity=codes.CODES[code].severity,
        file=(root / change.path).as_posix(),
        line=change.line,
        column=1,
        message=message,
        hint=hint,
        excerpt=excerpt,
        width=max(1, len(excerpt)),
    )


def _split(text: str) -> list[str]:
    r"""Split after each "\n", and only there: str.splitlines also splits where YAML and Dockerfiles don't."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _unified(old: list[str], new: list[str], names: tuple[str, str]) -> str:
    if len(old) + len(new) > _MAX_DIFF_LINES:
        return f"{names[0]} and {names[1]} differ: too long to compare line by line\n"
    lines = difflib.unified_diff(old, new, *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
