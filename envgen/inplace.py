"""Reads and replaces one file of the user's own: atomic, with its mode, and never outside of the project."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from envgen import codes
from envgen.finding import EnvgenError, Finding

_LARGEST = 8 * 1024 * 1024


def read(path: Path, root: Path, shown: str) -> str | None:
    """The text of a file, its line ends as they are; None if there is none.

    Raises EnvgenError where it isn't a file of the project's (`root`), or no UTF-8.
    """
    place = _place(path, root, shown)
    try:
        if not place.exists():
            return None
        if not place.is_file():
            raise _error(codes.UNREADABLE, shown, "this is no regular file")
        if place.stat().st_size > _LARGEST:
            raise _error(codes.TOO_LARGE, shown, f"the file is larger than {_LARGEST >> 20} MiB")
        return place.read_bytes().decode()
    except UnicodeDecodeError:
        raise _error(codes.UNREADABLE, shown, "the file is no UTF-8 text") from None
    except OSError as error:
        raise _error(codes.UNREADABLE, shown, f"the file can't be read: {error.strerror}") from None


def replace(path: Path, root: Path, shown: str, before: str | None, after: str) -> None:
    """Put `after` in the place of `before` (None: there is no file, and a new one is the owner's alone).

    Raises EnvgenError, and changes nothing, where that can't be, or where the file has changed since it was read.
    """
    place = _place(path, root, shown)
    if read(path, root, shown) != before:
        raise _error(codes.OUTPUT, shown, "the file was changed by somebody else in the meantime", "try again")
    temporary = place.parent / f".envgen-tmp-{secrets.token_hex(8)}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if before is not None:
                    existing = place.stat()
                    with suppress(OSError):  # only root can give a file away
                        os.fchown(descriptor, existing.st_uid, existing.st_gid)
                    os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))
                file.write(after.encode())
                file.flush()
                os.fsync(descriptor)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _error(codes.OUTPUT, shown, f"the file can't be written: {error.strerror}") from None


def _place(path: Path, root: Path, shown: str) -> Path:
    """The path behind all symbolic links."""
    try:
        place, base = path.resolve(), root.resolve()
    except (OSError, RuntimeError):  # links in a circle
        raise _error(codes.OUTPUT, shown, "its symbolic links lead in a circle") from None
    if not place.is_relative_to(base):
        raise _error(codes.OUTPUT, shown, "a symbolic link leads out of the project", "put the file into the project")
    return place


def _error(code: str, shown: str, message: str, hint: str | None = None) -> EnvgenError:
    severity = codes.CODES[code].severity
    return EnvgenError(
        [Finding(code=code, severity=severity, file=shown, line=1, column=1, message=message, hint=hint)]
    )
