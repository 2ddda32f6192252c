"""The files of secrets, and .env, on disk: read, and made where they are missing. Nothing is ever replaced but .env.

A secret's folder has mode 0700 and guards it; the file has 0444, since compose hands it to the container with the mode
and owner that it has here. Each file appears whole or not at all.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from envgen import codes
from envgen.finding import EnvgenError, Finding

_LARGEST = 1024 * 1024  # bytes; what compose mounts may be larger, but no password or key is
_KINDS = {stat.S_IFDIR: "it is a folder, which Docker makes where a file is missing", stat.S_IFIFO: "it is a pipe"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """What stands at a path: permission bits, and the text of a regular file; `obstacle` where there is another thing.

    `folder_mode` is None where the file lies in the project's own folder, or outside of it.
    """

    exists: bool
    obstacle: str | None = None
    text: str | None = None
    mode: int = 0
    folder_mode: int | None = None


def look(root: Path, path: str) -> OnDisk:
    """What stands at a path relative to `root`; never fails."""
    place = root / path
    folder_mode = None
    with suppress(OSError):
        base, folder = root.resolve(), place.parent.resolve()
        if folder != base and folder.is_relative_to(base):
            folder_mode = stat.S_IMODE(folder.stat().st_mode)
    try:
        found = place.stat()
    except FileNotFoundError:
        if place.is_symlink():
            return OnDisk(exists=True, obstacle="it is a symbolic link that leads nowhere", folder_mode=folder_mode)
        return OnDisk(exists=False, folder_mode=folder_mode)
    except (OSError, ValueError) as error:
        return OnDisk(exists=True, obstacle=getattr(error, "strerror", None) or str(error))
    mode = stat.S_IMODE(found.st_mode)
    obstacle, text = None, None
    if not stat.S_ISREG(found.st_mode):
        obstacle = _KINDS.get(stat.S_IFMT(found.st_mode), "it is no regular file")
    else:
        try:
            with place.open("rb") as file:
                text = file.read(_LARGEST).decode("utf-8", "replace")
        except OSError as error:
            obstacle = error.strerror or str(error)
    return OnDisk(exists=True, obstacle=obstacle, text=text, mode=mode, folder_mode=folder_mode)


def outside(root: Path, path: str) -> str | None:
    """Why nothing may be made at a path relative to `root`; None where it may."""
    base = root.resolve()
    try:
        folder = (base / path).parent.resolve()
    except (OSError, RuntimeError) as error:
        return str(error)
    if not folder.is_relative_to(base):
        is_inside = os.path.normpath(base / path).startswith(f"{base}{os.sep}")
        return "a symbolic link leads out of the project" if is_inside else "it lies outside of the project"
    blocking = next(parent for parent in (folder, *folder.parents) if os.path.lexists(parent))
    return None if blocking.is_dir() else f"{blocking.name} is no folder"


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Keep other runs in this folder waiting; the lock is on the folder itself, and leaves nothing behind."""
    with _failing_at(root):
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks: files still never replace each other
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make(root: Path, path: str, text: str) -> bool:
    """Make the file of a secret, and its folder; False where a file is there already, which stays as it is.

    Raises EnvgenError where it can't be made, or would lie outside of `root`.
    """
    place = root / path
    with _failing_at(place):
        if (problem := outside(root, path)) is not None:
            raise OSError(None, problem)
        for folder in reversed([parent for parent in place.parents if not parent.exists()]):
            folder.mkdir(mode=0o700)
        with _temporary(place.parent, text, 0o444) as temporary:
            try:
                os.link(temporary, place, follow_symlinks=False)
            except FileExistsError:
                return False
        _sync(place.parent)
    return True


def replace(path: Path, text: str) -> None:
    """Make the text of an env file another one: with its mode and owner, or 0600 for a new one."""
    place = path.resolve()
    with _failing_at(path), _temporary(place.parent, text, 0o600) as temporary:
        with suppress(FileNotFoundError):
            existing = place.stat()
            temporary.chmod(stat.S_IMODE(existing.st_mode))
            with suppress(PermissionError):
                os.chown(temporary, existing.st_uid, existing.st_gid)
        temporary.replace(place)
        _sync(place.parent)


@contextmanager
def _temporary(folder: Path, text: str, mode: int) -> Iterator[Path]:
    """A file with the text that is gone afterwards, unless it was moved."""
    temporary = folder / f".envgen-tmp-{token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fchmod(descriptor, mode)  # whatever the umask says
            os.fsync(descriptor)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    with suppress(OSError):  # not every file system can
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _failing_at(shown: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"the file can't be made: {error.strerror or error}"
        severity = codes.CODES[codes.OUTPUT].severity
        place = shown.as_posix()
        raise EnvgenError(
            [Finding(code=codes.OUTPUT, severity=severity, file=place, line=1, column=1, message=message)]
        ) from error
