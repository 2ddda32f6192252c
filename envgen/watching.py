"""Does work again when what it read has changed.

What was read is known from Python's own audit events, so that nothing that reads a file has to say so. Changes are
found by looking at modification times a few times a second: a handful of files cost nothing, and unlike the kernel's
notifications this sees changes on network mounts and in virtual machines, and files that editors replace by a rename.
"""

import os
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

INTERVAL = 0.25  # seconds between two looks

_Stamp: TypeAlias = tuple[int, int, int] | None  # time of change in ns, size and inode; None: there is no such file
_OWN = tuple({f"{path}/" for path in (*sysconfig.get_paths().values(), str(Path(__file__).parent))})
_NO_READING = os.O_ACCMODE | os.O_DIRECTORY  # written, or a folder that is locked
_KERNELS = ("/proc/", "/sys/", "/dev/")


class _Record:
    """What a piece of work has read and written; `stamps` are of the moment before it was read."""

    def __init__(self) -> None:
        self.stamps: dict[Path, _Stamp] = {}
        self.written: set[Path] = set()

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit event: https://docs.python.org/3/library/audit_events.html."""
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes | os.PathLike) and isinstance(flags, int) and not flags & _NO_READING:
                self.read(Path(os.fsdecode(path)).absolute())
        elif event == "os.rename":
            self.written.add(Path(os.fsdecode(arguments[1])).absolute())  # type: ignore[arg-type]

    def read(self, path: Path) -> None:
        if not str(path).startswith((*_OWN, *_KERNELS)):
            self.stamps.setdefault(path, _stamp(path))


class _Ear:
    """The one audit hook of the process, which can't be taken away again; it hears while there is a record."""

    record: _Record | None = None
    is_there = False


@contextmanager
def _recording() -> Iterator[_Record]:
    if not _Ear.is_there:
        _Ear.is_there = True
        sys.addaudithook(_hear)
    record = _Ear.record = _Record()
    try:
        yield record
    finally:
        _Ear.record = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    record = _Ear.record
    if record is not None and event in ("open", "os.rename"):
        _Ear.record = None  # what the record does itself is not recorded
        try:
            record.hear(event, arguments)
        finally:
            _Ear.record = record


def watch(work: Callable[[], Iterable[Path]]) -> None:
    """Do the work, and again each time that something it read has changed; until it is interrupted.

    `work` returns folders that it looked into: of these and of the folders of files that it read, new and vanished
    entries count, too.
    """
    known: dict[Path, _Stamp] = {}
    while True:
        with _recording() as record:
            folders = [folder.absolute() for folder in work()]
        folders += [path.parent for path in record.stamps]
        now = _stamps({*folders, *record.written})
        # work that failed may have stopped before it read all that it will read
        known = {**{path: _stamp(path) for path in known}, **record.stamps, **now}
        _wait(known)


def _wait(known: Mapping[Path, _Stamp]) -> None:
    """Return once something is not as known, and has stopped changing."""
    before = now = _stamps(known)
    while now == known or now != before:
        time.sleep(INTERVAL)
        before, now = now, _stamps(known)


def _stamps(paths: Iterable[Path]) -> dict[Path, _Stamp]:
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
