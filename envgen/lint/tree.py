"""The files around those that are linted: the one place where rules' questions reach the disk. Changes nothing."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

_LARGEST = 4 * 1024 * 1024  # bytes of a file that rules look into

_FOREIGN_FOLDERS = frozenset({".git", "node_modules", ".venv", "venv", "vendor", "__pycache__"})


Question: TypeAlias = tuple[str, str]
Answer: TypeAlias = int | str | None
UNREPEATABLE = "walk"  # a question whose answer is too large to be compared


class Tree:
    """Answers questions about files and keeps the answers, so that one run sees one state and asks once.

    Paths are as shown to the user: absolute, or relative to the working directory. Nothing here raises: what can't be
    read isn't there.
    """

    def __init__(self) -> None:
        self._modes: dict[str, int | None] = {}
        self._texts: dict[str, str | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._entries: dict[tuple[str, int, int], tuple[tuple[str, bool], ...]] = {}
        self._asked: dict[Question, Answer] | None = None

    @contextmanager
    def recording(self) -> Iterator[dict[Question, Answer]]:
        """Writes down what is asked meanwhile, and the answers: while they hold, so does all that hangs on them."""
        asked: dict[Question, Answer] = {}
        self._asked = asked
        try:
            yield asked
        finally:
            self._asked = None

    def answer(self, question: Question) -> Answer:
        """The answer to a question that was written down; None for a kind of question that isn't known."""
        kind, path = question
        match kind:
            case "mode":
                mode = self._mode(path)
                return None if mode is None else stat.S_IFMT(mode)
            case "text":
                return _digest(self.text(path))
            case "names":
                return _digest("\0".join(self.names(path)))
            case "entries":
                folder, depth, most = path.rsplit("\0", 2)
                return _digest(repr(self.entries(folder, depth=int(depth), most=int(most))))
            case _:
                return None

    def _note(self, kind: str, path: str) -> None:
        asked = self._asked
        if asked is not None and (kind, path) not in asked:
            self._asked = None  # the answer asks, too
            asked[kind, path] = self.answer((kind, path))
            self._asked = asked

    def hold(self, path: str, text: str) -> None:
        """Take this for the text of the file at a path, whatever is on disk."""
        self._texts[path] = text
        self._modes[path] = stat.S_IFREG

    def holding(self, texts: Mapping[str, str]) -> "Tree":
        """A tree like it with other texts in some places."""
        other = Tree()
        other._texts, other._modes = dict(self._texts), dict(self._modes)
        for path, text in texts.items():
            other.hold(path, text)
        return other

    def beside(self, path: str, other: str) -> str:
        """The path of `other`, which is relative to the folder of the file at `path`."""
        return self.join(os.path.dirname(path), other)  # noqa: PTH120 - a relative path has to stay one

    def join(self, folder: str, path: str) -> str:
        """A path that is relative to a folder, without `.` and `..` where possible."""
        return os.path.normpath(os.path.join(folder, os.path.expanduser(path)))  # noqa: PTH111, PTH118 - as above

    def exists(self, path: str) -> bool:
        """Whether there is anything at a path, a link to nothing not included."""
        return self._mode(path) is not None

    def is_file(self, path: str) -> bool:
        """Whether a path leads to a regular file."""
        mode = self._mode(path)
        return mode is not None and stat.S_ISREG(mode)

    def is_folder(self, path: str) -> bool:
        """Whether a path leads to a folder."""
        mode = self._mode(path)
        return mode is not None and stat.S_ISDIR(mode)

    def text(self, path: str) -> str | None:
        """The text of a regular file without its byte order mark; None where there is none, or it is no UTF-8."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        if self._asked is not None:
            self._note("text", path)
        return self._texts[path]

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted; none where there is no such folder."""
        if folder not in self._names:
            try:
                self._names[folder] = tuple(sorted(os.listdir(folder or ".")))  # noqa: PTH208 - paths are text here
            except (OSError, ValueError):
                self._names[folder] = ()
        if self._asked is not None:
            self._note("names", folder)
        return self._names[folder]

    def walk(self, folder: str, *, most: int = 20_000) -> Iterator[str]:
        """The files below a folder relative to it, with `/`, no link followed; it stops after so many."""
        self._note(UNREPEATABLE, folder)
        count = 0
        for parent, folders, names in os.walk(folder or "."):
            folders.sort()
            inside = os.path.relpath(parent, folder or ".").replace(os.sep, "/")
            for name in sorted(names):
                count += 1
                if count > most:
                    return
                yield name if inside == "." else f"{inside}/{name}"

    def entries(self, folder: str, *, depth: int = 4, most: int = 20_000) -> tuple[tuple[str, bool], ...]:
        """What lies in a folder and so many levels of folders in it: path relative to it with `/`, and is it a folder.

        The insides of folders full of other people's files (`.git`, `node_modules`, `.venv`, `vendor`) are left out, no
        link is followed, and it stops after so many. Levels come in order: the top one first.
        """
        key = (folder, depth, most)
        if key not in self._entries:
            self._entries[key] = tuple(self._search(folder, depth, most))
        if self._asked is not None:
            self._note("entries", f"{folder}\0{depth}\0{most}")
        return self._entries[key]

    def _search(self, folder: str, depth: int, most: int) -> Iterator[tuple[str, bool]]:
        level, left = [""], most
        for _ in range(depth):
            below: list[str] = []
            for parent in level:
                try:
                    with os.scandir(os.path.join(folder or ".", parent)) as found:  # noqa: PTH118 - as in `join`
                        entries = sorted((one.name, one.is_dir(follow_symlinks=False)) for one in found)
                except (OSError, ValueError):
                    continue
                for name, is_folder in entries[:left]:
                    path = f"{parent}/{name}" if parent else name
                    yield path, is_folder
                    if is_folder and name not in _FOREIGN_FOLDERS:
                        below.append(path)
                left -= len(entries)
                if left <= 0:
                    return
            level = below

    def _mode(self, path: str) -> int | None:
        if path not in self._modes:
            try:
                self._modes[path] = os.stat(path or ".").st_mode  # noqa: PTH116 - paths are text here
            except (OSError, ValueError):
                self._modes[path] = None
        if self._asked is not None:
            self._note("mode", path)
        return self._modes[path]

    def _read(self, path: str) -> str | None:
        if not self.is_file(path):
            return None
        try:
            with Path(path).open("rb") as file:
                return file.read(_LARGEST).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
