"""The I/O edge: reads what is on disk, and writes what was decided so that a crash leaves each file old or new."""

import fcntl
import os
import re
import secrets
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from envgen import codes
from envgen.artifact import LOCK_NAME, Artifact, clashes, path_problem
from envgen.drift import (
    Action,
    Change,
    Content,
    Decision,
    Snapshot,
    State,
    decide,
    interim_lock,
    refusals,
)
from envgen.finding import EnvgenError, Finding
from envgen.lock import START_AFRESH, Lock, format_lock, parse_lock, refuse_newer

_MAX_BYTES = 16 * 1024 * 1024  # far more than any render; a larger file can't be ours and is not read
_TEMPORARY = re.compile(r"\.envgen-tmp-[0-9a-f]{16}")
_PATIENCE = 30.0  # seconds to wait for another render, which takes a fraction of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a render did, as paths below the root: `kept` are edited left-overs, from now on the user's own."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]


def write(
    root: Path,
    artifacts: Sequence[Artifact],
    *,
    plan_hash: str,
    version: str,
    spec: str = "",
    force: bool = False,
) -> Report:
    """Make the files below `root` what was rendered; a file that is so already is not touched.

    `spec` is the name of the spec's file, "" where it has none: a folder holds the files of one spec only.

    Raises EnvgenError before anything is changed: EG040 where a file can't be written, EG041 where the lock can't be
    used, EG042 for files that aren't envgen's (unless `force`). A failure of the disk half-way is EG040, too; then the
    next render goes through.
    """
    with _alone_in(root):
        places = _places(root, artifacts)
        snapshot = _snapshot(root, places, version)
        _refuse_other_spec(root, snapshot.lock, spec)
        decision = decide(artifacts, snapshot, plan_hash=plan_hash, version=version, spec=spec, force=force)
        if refused := refusals(decision.changes, root, _owners(root, decision.changes)):
            raise EnvgenError(refused)
        _tidy({root, *(place.parent for place in places.values())})
        _commit(root, places, decision, snapshot.lock)
    return _report(decision.changes)


def preview(
    root: Path,
    artifacts: Sequence[Artifact],
    *,
    plan_hash: str,
    version: str,
    spec: str = "",
    force: bool = False,
) -> tuple[Change, ...]:
    """Say what `write` would do, each change with its cause and its diff, and change nothing.

    Raises EnvgenError with EG040 and EG041 as `write` does; what `write` refuses is a change with that action.
    """
    with _alone_in(root):
        snapshot = read_state(root, artifacts, version=version)
        _refuse_other_spec(root, snapshot.lock, spec)
        return decide(artifacts, snapshot, plan_hash=plan_hash, version=version, spec=spec, force=force).changes


def read_state(root: Path, artifacts: Sequence[Artifact], *, version: str) -> Snapshot:
    """Read the lock, and what stands at the paths of the artifacts and of the lock.

    Raises EnvgenError with EG040 for each path where no file can be, and with EG041 if the lock can't be used.
    """
    return _snapshot(root, _places(root, artifacts), version)


def _places(root: Path, artifacts: Sequence[Artifact]) -> dict[str, Path]:
    """For each artifact and the lock the path behind all symbolic links. Raises EnvgenError with all that is wrong."""
    with _failing_at(root):
        base = root.resolve(strict=True)
    lock_place = _resolve(base / LOCK_NAME)
    problems = [(LOCK_NAME, problem)] if (problem := _obstacle(base, lock_place, LOCK_NAME)) else []
    problems += clashes([artifact.path for artifact in artifacts])
    places, taken = {LOCK_NAME: lock_place}, {str(lock_place)}
    for artifact in artifacts:
        problem = path_problem(artifact.path) or _text_problem(artifact.text)
        place = base if problem else _resolve(base / artifact.path)
        problem = problem or _obstacle(base, place, artifact.path)
        if not problem and artifact.path not in places and str(place) in taken:
            problem = "a symbolic link makes it the same file as another output"
        if problem:
            problems.append((artifact.path, problem))
        places[artifact.path] = place
        taken.add(str(place))
    if problems:
        raise EnvgenError(_cannot(root / path, problem) for path, problem in problems)
    return places


def _resolve(path: Path) -> Path:
    # Python 3.13 leaves links that lead in a circle as they are, earlier versions raise RuntimeError
    with suppress(OSError, RuntimeError):
        return path.resolve()
    return path


def _text_problem(text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "the text holds half a character, which UTF-8 can't"
    return None


def _obstacle(base: Path, place: Path, path: str) -> str | None:
    """Why no file can be at `place`, which is where `path` below `base` leads; None if one can."""
    if not place.is_relative_to(base):
        return "a symbolic link leads out of the project"
    inside = place.relative_to(base).as_posix()
    if inside != path and (problem := path_problem(inside)):
        return f"a symbolic link leads to {inside}: {problem}"
    try:
        return _in_the_way(base, place)
    except OSError as error:
        return error.strerror or str(error)


def _in_the_way(base: Path, place: Path) -> str | None:
    blocking = next(folder for folder in place.parents if os.path.lexists(folder))
    if not blocking.is_dir():
        return f"{blocking.relative_to(base).as_posix()} is no folder, but should be one"
    try:
        mode = place.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(mode):
        return None
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a circle of symbolic links"}
    return f"{kinds.get(stat.S_IFMT(mode), 'a device, pipe or socket')} stands where the file should be"


def _snapshot(root: Path, places: Mapping[str, Path], version: str) -> Snapshot:
    contents = {path: content for path, place in places.items() if (content := _read(place)) is not None}
    if LOCK_NAME not in contents:
        return Snapshot(lock=None, files=contents)
    lock = _parse(root, contents[LOCK_NAME], version)
    base = root.resolve()
    identities = {_identity(places[path]) for path in contents}
    for path in lock.hashes().keys() - places.keys():
        place = base / path
        # on a disk that ignores case, API.Dockerfile is no left-over of api.Dockerfile but the same file
        if os.path.lexists(place) and _identity(place) not in identities:
            contents[path] = _left_over(base, place, path)
    return Snapshot(lock=lock, files=contents)


def _refuse_other_spec(root: Path, lock: Lock | None, spec: str) -> None:
    """Raise EnvgenError with EG041 where the lock is that of another spec, which is still there."""
    if lock is None or not spec or lock.spec in ("", spec) or not (root / lock.spec).is_file():
        return
    message = f"these files are rendered from {lock.spec}, and {spec} would replace them with its own"
    hint = f"put {spec} into a folder of its own; if it takes over from {lock.spec}, delete that"
    raise EnvgenError([_error(codes.LOCK, (root / LOCK_NAME).as_posix(), message, hint)])


def _owners(root: Path, changes: Sequence[Change]) -> dict[str, str]:
    """Of files that are refused, the envgen.lock of another folder that has them: that of an app, or of a root."""
    found: dict[str, str] = {}
    for change in changes:
        if change.action is not Action.REFUSE:
            continue
        file = root / change.path
        inside = [folder for folder in file.parents if folder != root and folder.is_relative_to(root)]
        for folder in (*inside, *root.absolute().parents):
            inner = os.path.relpath(file.absolute(), folder.absolute())
            content = _read(folder / LOCK_NAME)
            if content is not None and f"\nfile {inner} " in (content.text or ""):
                found[change.path] = os.path.relpath(folder.absolute() / LOCK_NAME, root.absolute())
                break
    return found


def _left_over(base: Path, place: Path, path: str) -> Content:
    if place.is_symlink():
        return Content(text=None, note="is a symbolic link")
    if _obstacle(base, _resolve(place), path):
        return Content(text=None, note="can't be reached as a file in the project")
    return _read(place) or Content(text=None, note="vanished")


def _identity(place: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        found = place.stat()
        return found.st_dev, found.st_ino
    return None


def _parse(root: Path, content: Content, version: str) -> Lock:
    shown = (root / LOCK_NAME).as_posix()
    if content.text is None:
        raise EnvgenError((_error(codes.LOCK, shown, f"the lock {content.note}", START_AFRESH),))
    refuse_newer(content.text, shown, version)
    return parse_lock(content.text, shown)


def _read(place: Path) -> Content | None:
    r"""Read a file as text with "\n" line ends; None if there is none."""
    try:
        if place.stat().st_size > _MAX_BYTES:
            return Content(text=None, note=f"is larger than {_MAX_BYTES >> 20} MiB")
        text = place.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return Content(text=None, note="is no UTF-8 text")
    except OSError as error:
        return Content(text=None, note=f"can't be read ({error.strerror})")
    return Content(text=None, note="is binary") if "\0" in text else Content(text=text.replace("\r\n", "\n"))


def _commit(root: Path, places: Mapping[str, Path], decision: Decision, old: Lock | None) -> None:
    """Stage all files, then let the lock know both old and new, then move the files, then the final lock.

    Whatever fails while staging leaves all as it was; a crash later finds every file's hash in the lock.
    """
    files = [c for c in decision.changes if c.action is Action.WRITE and c.path != LOCK_NAME and c.after is not None]
    gone = [c for c in decision.changes if c.action is Action.DELETE]
    lock_text = next((c.after for c in decision.changes if c.path == LOCK_NAME), None)
    lock_place = places[LOCK_NAME]
    with ExitStack() as cleanup:
        staged = [(_stage_below(root, places, c, cleanup), places[c.path], root / c.path) for c in files]
        if lock_text is not None:
            with _failing_at(root / LOCK_NAME):
                final = _stage(lock_place, lock_text, cleanup)
                if files or gone:
                    _stage(lock_place, format_lock(interim_lock(decision, old)), cleanup).replace(lock_place)
                    _sync(lock_place.parent)
        for temporary, place, shown in staged:
            with _failing_at(shown):
                temporary.replace(place)
        for change in gone:
            with _failing_at(root / change.path):
                (root / change.path).unlink(missing_ok=True)
        for folder in {place.parent for _, place, _ in staged} | {(root / change.path).parent for change in gone}:
            _sync(folder)
        if lock_text is not None:
            with _failing_at(root / LOCK_NAME):
                final.replace(lock_place)
                _sync(lock_place.parent)


def _stage_below(root: Path, places: Mapping[str, Path], change: Change, cleanup: ExitStack) -> Path:
    place, shown = places[change.path], root / change.path
    with _failing_at(shown):
        for folder in reversed([parent for parent in place.parents if not parent.exists()]):
            folder.mkdir()
            cleanup.callback(_remove_if_empty, folder)
        return _stage(place, change.after or "", cleanup)


def _stage(place: Path, text: str, cleanup: ExitStack) -> Path:
    """Write `text` beside `place`, with its mode and owner; `cleanup` removes the file unless it is moved away."""
    temporary = place.parent / f".envgen-tmp-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    cleanup.callback(_remove, temporary)
    with os.fdopen(descriptor, "wb") as file:
        with suppress(OSError):
            existing = place.stat()
            os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))
            os.fchown(descriptor, existing.st_uid, existing.st_gid)
        file.write(text.encode())
        file.flush()
        os.fsync(descriptor)
    return temporary


def _tidy(folders: Collection[Path]) -> None:
    """Remove the temporary files that a killed render left behind; the random name is one that only envgen gives."""
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            left = [Path(e) for e in entries if _TEMPORARY.fullmatch(e.name) and e.is_file(follow_symlinks=False)]
            for path in left:
                _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _sync(folder: Path) -> None:
    # not every file system can sync a folder; then a rename is as durable as it gets
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _alone_in(root: Path) -> Iterator[None]:
    """Keep other renders of `root` waiting. The lock is on the folder itself, so it leaves nothing behind."""
    with _failing_at(root):
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _wait_for(descriptor, root)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, root: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EnvgenError((_cannot(root, "another render has been busy here for too long"),)) from None
            time.sleep(0.02)
        except OSError:
            # a file system without such locks: each file still is old or new, only not all of one render
            return
        else:
            return


@contextmanager
def _failing_at(shown: Path) -> Iterator[None]:
    """Turn a failure of the disk into EnvgenError with EG040 at `shown`."""
    try:
        yield
    except OSError as error:
        raise EnvgenError((_cannot(shown, error.strerror or str(error)),)) from error


def _cannot(shown: Path, reason: str) -> Finding:
    return _error(codes.OUTPUT, shown.as_posix(), f"the file can't be written: {reason}")


def _error(code: str, file: str, message: str, hint: str | None = None) -> Finding:
    severity = codes.CODES[code].severity
    return Finding(code=code, severity=severity, file=file, line=1, column=1, message=message, hint=hint)


def _report(changes: Sequence[Change]) -> Report:
    def paths(action: Action, *, same: bool = False) -> tuple[str, ...]:
        return tuple(c.path for c in changes if c.action is action and (c.state is State.SAME) == same)

    return Report(
        written=paths(Action.WRITE),
        unchanged=paths(Action.KEEP, same=True),
        deleted=paths(Action.DELETE),
        kept=paths(Action.KEEP),
    )
