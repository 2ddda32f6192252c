"""Checks the files of secrets: that they are there, hold what they should, and who can read them."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envgen import codes
from envgen.contract.check import finding
from envgen.finding import Finding
from envgen.plan.model import SecretFile

_OTHERS_READ = stat.S_IROTH
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What stands at a secret's path: `obstacle` is what is there instead of a file, or why it can't be read.

    `folder` and `folder_mode` are those of a folder of its own; modes are permission bits. `text` is None where there
    is no file, or none that can be read.
    """

    path: str
    exists: bool
    obstacle: str | None = None
    text: str | None = None
    mode: int = 0
    folder: str | None = None
    folder_mode: int = 0


def check_secrets(secrets: Mapping[SecretFile, FileState]) -> Iterator[Finding]:
    """What is wrong with the files, secret by secret; a folder is reported once."""
    folders: dict[str, int] = {}
    for secret, state in secrets.items():
        yield from _content(secret, state)
        if state.exists and state.obstacle is None:
            yield from _mode(secret, state)
            if state.folder is not None:
                folders.setdefault(state.folder, state.folder_mode)
    for folder, mode in folders.items():
        if mode & _OTHERS:
            message = f"others than you can reach the secrets in this folder (mode {mode:04o})"
            yield finding(codes.SECRET_MODE, (folder, 1, 1), message, f"run `chmod 700 {folder}`")


def _content(secret: SecretFile, state: FileState) -> Iterator[Finding]:
    place = (state.path, 1, 1)
    how = "run `envgen env generate`" if secret.generate else "write the value into it, and nothing else"
    if not state.exists:
        message = f"the file of the secret `{secret.name}` is not there"
        yield finding(codes.SECRET_MISSING, place, message, how)
    elif state.obstacle is not None:
        message = f"the file of the secret `{secret.name}` can't be read: {state.obstacle}"
        yield finding(codes.SECRET_MISSING, place, message, "remove what is there" if secret.generate else None)
    elif not (state.text or "").strip():
        hint = f"remove it, and {how}" if secret.generate else how
        yield finding(codes.SECRET_MISSING, place, f"the file of the secret `{secret.name}` is empty", hint)
    else:
        # whoever writes a file with an editor gets a line break at its end, which most programs drop
        text = (state.text or "").removesuffix("\n")
        for problem in dict.fromkeys(one.problem(text) for one in secret.types):
            if problem is not None:
                hint = f"it takes {', '.join(one.summary for one in secret.types if one.summary)}"
                yield finding(codes.ENV_VALUE, place, f"the secret `{secret.name}` {problem}", hint)


def _mode(secret: SecretFile, state: FileState) -> Iterator[Finding]:
    place, hint = (state.path, 1, 1), f"run `chmod 444 {state.path}`"
    if not state.mode & _OTHERS_READ:
        message = f"the container's user can't read the secret `{secret.name}` (mode {state.mode:04o})"
        yield finding(codes.SECRET_MODE, place, message, f"{hint}: its folder, of mode 700, is what guards it")
    elif state.mode & _OTHERS_WRITE:
        message = f"others than you can change the secret `{secret.name}` (mode {state.mode:04o})"
        yield finding(codes.SECRET_MODE, place, message, hint)
