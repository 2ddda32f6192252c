"""The ports of EXPOSE, as BuildKit reads them (frontend/dockerfile/dockerfile2llb/convert_expose.go, 2026-08)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.variables import Command
from envgen.lint.rules.dockerfile._places import commands

_PROTOCOLS = frozenset({"tcp", "udp", "sctp"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_HIGHEST = 65_535


@dataclass(frozen=True, slots=True)
class Port:
    """`text` is the port with variables replaced, `written` the word that it comes from."""

    command: Command
    written: str
    text: str
    address: str
    host: str
    protocol: str


def ports(file: Dockerfile) -> Iterator[Port]:
    """The ports of every EXPOSE; in one that BuildKit refuses, those up to the one that is wrong, in its order."""
    for stage, command in commands(file, "EXPOSE"):
        for written in sorted(command.instruction.args):
            text = file.variables.expansion_in(stage, command, written).text
            if text is None:
                continue
            is_refused = False
            for word in text.split():
                head, _, container = word.rpartition(":")
                address, _, host = head.rpartition(":")
                number, _, protocol = container.partition("/")
                if not number or (protocol and protocol.lower() not in _PROTOCOLS):
                    is_refused = True
                    break
                yield Port(command, written, word, address, host, protocol or "tcp")
                if not _is_valid(address, host, number):
                    is_refused = True
                    break
            if is_refused:
                break


def _is_valid(address: str, host: str, number: str) -> bool:
    container = _range(number)
    if container is None or not _is_address(address):
        return False
    if not host:
        return True
    outer = _range(host)
    return outer is not None and (outer[1] - outer[0] == container[1] - container[0] or container[0] == container[1])


def _is_address(text: str) -> bool:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return not bare or bool(ip_address(bare))
    except ValueError:
        return False


def _range(text: str) -> tuple[int, int] | None:
    first, dash, last = text.partition("-")
    ends = (first, last) if dash else (first, first)
    if not all(_NUMBER.fullmatch(end) and 0 <= int(end) <= _HIGHEST for end in ends):
        return None
    low, high = int(ends[0]), int(ends[1])
    return (low, high) if low <= high else None
