"""The I/O around `envgen ports --allocate`: the .env file, this machine's ports and routes, and other checkouts."""

import errno
import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from envgen.env_block import Block, BlockError, split

ENV_NAME = ".env"
_LARGEST = 1024 * 1024
_MOST = 1000  # checkouts that are remembered
_KINDS = (
    (socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0"),  # noqa: S104 - nothing is listened on: it is asked who does
    (socket.AF_INET, socket.SOCK_DGRAM, "0.0.0.0"),  # noqa: S104
    (socket.AF_INET6, socket.SOCK_STREAM, "::"),
    (socket.AF_INET6, socket.SOCK_DGRAM, "::"),
)


def is_free(port: int) -> bool:
    """Whether nobody on this machine uses a port, on any address, with TCP or UDP."""
    for family, kind, address in _KINDS:
        try:
            with closing(socket.socket(family, kind)) as one:
                if family == socket.AF_INET6:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                one.bind((address, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False  # else there is no such family here
    return True


def outgoing_ports(path: Path = Path("/proc/sys/net/ipv4/ip_local_port_range")) -> range:
    """The ports that the kernel gives to outgoing connections; empty where it doesn't say."""
    with suppress(OSError, ValueError):
        first, last = map(int, path.read_text(encoding="ascii").split())
        return range(first, last + 1)
    return range(0)


def routes(path: Path = Path("/proc/net/route")) -> tuple[ipaddress.IPv4Network, ...]:
    """The IPv4 networks that this machine reaches, Docker's among them; none where the kernel doesn't say.

    The default route is left out. Addresses are in hexadecimal, in the order of this machine's bytes (proc(5)).
    """
    found: list[ipaddress.IPv4Network] = []
    with suppress(OSError, ValueError):
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            address, mask = (bytes.fromhex(fields[at])[::-1] for at in (1, 7))
            if any(mask):
                found.append(ipaddress.IPv4Network((address, int.from_bytes(mask, "big").bit_count()), strict=False))
    return tuple(found)


def state_file() -> Path:
    """Where the paths of the checkouts that were given something are remembered (XDG base directories)."""
    folder = os.environ.get("XDG_STATE_HOME", "")
    base = Path(folder) if Path(folder).is_absolute() else Path.home() / ".local" / "state"
    return base / "envgen" / "checkouts"


@contextmanager
def remembered() -> Iterator["Checkouts"]:
    """The checkouts of this user, which no other process changes meanwhile.

    Where they can't be remembered there are none: then the ports that somebody listens on are all that is known.
    """
    path = state_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield Checkouts(None, ())
        return
    with os.fdopen(descriptor, "r+b") as file:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        paths = tuple(os.fsdecode(line) for line in file.read(_LARGEST).split(b"\n") if line)
        yield Checkouts(descriptor, paths)


class Checkouts:
    """The folders that are remembered."""

    def __init__(self, descriptor: int | None, paths: Sequence[str]) -> None:
        self._descriptor = descriptor
        self._paths = paths

    def blocks(self, here: str, also: str = "") -> list[Block]:
        """What the other checkouts have, by their own .env files: those remembered, and that at the path `also`."""
        found: dict[str, Block] = {}
        for path in dict.fromkeys((*self._paths, also)):
            if path and path != here and (block := _block(path)):
                found[path] = Block(path, block.values)
        return list(found.values())

    def remember(self, here: str) -> None:
        """Add a checkout, and forget those that are gone."""
        if self._descriptor is None or "\n" in here:
            return
        paths = [path for path in self._paths if path != here and _block(path)][1 - _MOST :]
        content = b"".join(os.fsencode(path) + b"\n" for path in [*paths, here])
        with suppress(OSError):
            os.pwrite(self._descriptor, content, 0)
            os.ftruncate(self._descriptor, len(content))


def _block(folder: str) -> Block | None:
    with suppress(OSError, ValueError, BlockError):
        path = Path(folder, ENV_NAME)
        if path.is_file() and path.stat().st_size <= _LARGEST:
            return split(path.read_bytes().decode())[1]
    return None
