"""The command that a service's container runs, as one list of words."""

import re
from dataclasses import dataclass

from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import listed, text_of
from envgen.lint.dockerfile import Instruction
from envgen.lint.place import Place
from envgen.lint.project import in_dockerfile, in_inline
from envgen.lint.rules.project._built import Image

_SHELL_WORDS = re.compile(r"""(?:[^\s"';&|]|"[^"]*"|'[^']*')+|&&|\|\||[;&|]""")
_RUNS_TEXT = {"-c", "-lc", "-ec", "-exc", "-xc", "-euc"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its words, and where it is written."""

    words: tuple[str, ...]
    place: Place


def command_of(service: Service | None, image: Image) -> Command | None:
    """What the container runs: compose's `command`, else the image's CMD, behind an entrypoint that is a program.

    None where it is the root image's, which isn't known.
    """
    entry: Command | None = None
    if service is not None and service.data.get("entrypoint") is not None:
        entry = _written(service, "entrypoint")
        own = _written(service, "command")
        return _joined(entry, own)
    if image.entrypoint is not None:
        entry = _instruction(image.entrypoint, image)
    if service is not None and service.data.get("command") is not None:
        return _joined(entry, _written(service, "command"))
    return _joined(entry, _instruction(image.command, image) if image.command else None)


def _joined(entry: Command | None, own: Command | None) -> Command | None:
    if entry is None or own is None:
        return own or entry
    return Command((*entry.words, *own.words), own.place)


def _written(service: Service, key: str) -> Command | None:
    value = service.data.get(key)
    if isinstance(value, str):
        return Command(words(value), service.place(key))
    found = [text for one in listed(value) if (text := text_of(one)) is not None]
    return Command(_unwrapped(found), service.place(key)) if found else None


def _instruction(one: Instruction, image: Image) -> Command | None:
    file = image.link.parsed if image.link else None
    if file is None or image.link is None:
        return None
    place = file.place(one)
    if image.link.is_inline and image.link.service:
        place = in_inline(image.link.service, place)
    else:
        place = in_dockerfile(place, file.path)
    return Command(_unwrapped(list(one.args)) if one.is_json else words(" ".join(one.args)), place)


def _unwrapped(found: list[str]) -> tuple[str, ...]:
    """The words of a list, those of `sh -c "..."` taken apart."""
    if len(found) > 2 and found[0].endswith("sh") and found[1] in _RUNS_TEXT:  # noqa: PLR2004 - sh, -c, text
        return tuple(word.replace('"', "").replace("'", "") for word in _SHELL_WORDS.findall(found[2]))
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """The words of a shell's command line, without quotes; those of `sh -c "..."` taken apart."""
    found = [word.replace('"', "").replace("'", "") for word in _SHELL_WORDS.findall(text)]
    return _unwrapped(found)
