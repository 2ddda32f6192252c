"""Decides which host ports, project name and subnet one checkout of a project gets. Pure.

The same checkout gets the same, as long as nobody else has it: what it starts from is a hash of the checkout's path.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from envgen.env_block import Block

PROJECT = "COMPOSE_PROJECT_NAME"
SUBNET = "ENVGEN_SUBNET_PREFIX"
PORTS = range(20000, 30000)
"""Below the ports that Linux (32768) and macOS (49152) give to outgoing connections, and Kubernetes (30000) to its."""

# Second octets of 10.0.0.0/8. Docker's own networks are in 172.16.0.0/12 and 192.168.0.0/16, those of swarm from
# 10.0.0.0 on, Podman's from 10.88.0.0 on, Kubernetes' services in 10.96.0.0/12, and k3s takes 10.42 and 10.43.
_OCTETS = tuple(octet for octet in range(16, 88) if octet not in (42, 43))
_STEP = 10  # a block starts at a multiple of this, so that it is easy to remember
_LONGEST_NAME = 50


class AllocationError(Exception):
    """There is nothing left to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is known of this machine.

    `is_free` tells whether nobody listens on a port, `has_route` whether a prefix of two octets (`10.20`) is in use;
    `avoided` are ports that may be taken by chance.
    """

    is_free: Callable[[int], bool]
    has_route: Callable[[str], bool]
    avoided: Collection[int] = ()


def allocate(
    name: str, wanted: Sequence[str], here: str, own: Block | None, others: Sequence[Block], machine: Machine
) -> Block:
    """The block of the checkout at the path `here`: PROJECT, SUBNET, and ports for all other variables `wanted`.

    `own` is the block in its .env, `others` those of other checkouts. What it has is kept, also if it was moved; but
    not if it was copied from another checkout that still has it. Raises AllocationError.
    """
    taken = {value for block in others for value in block.values.values()}
    was_copied = own is not None and own.checkout != here and not taken.isdisjoint(own.values.values())
    kept = own.values if own and not was_copied else {}
    seed = int.from_bytes(sha256(here.encode("utf-8", "surrogateescape")).digest()[:8], "big")
    values: dict[str, str] = {}
    if PROJECT in wanted:
        values[PROJECT] = kept.get(PROJECT) or f"{name[:_LONGEST_NAME]}-{seed & 0xFFFFFF:06x}"
    variables = [variable for variable in wanted if variable not in (PROJECT, SUBNET)]
    values |= _ports(variables, kept, seed, taken, machine)
    if SUBNET in wanted:
        values[SUBNET] = kept.get(SUBNET) or _subnet(seed, taken, machine)
    return Block(here, values)


def _ports(
    variables: Sequence[str], kept: Mapping[str, str], seed: int, taken: Collection[str], machine: Machine
) -> dict[str, str]:
    """A port for each variable: what it has, else the next free ones, side by side where there is such a place."""
    given = {name: kept[name] for name in variables if _is_port(kept.get(name, ""))}
    missing = [name for name in variables if name not in given]
    used = {*map(int, filter(str.isdecimal, taken)), *map(int, given.values())}

    def is_free(port: int) -> bool:
        return port not in used and machine.is_free(port)

    pool = [port for port in PORTS if port not in machine.avoided] or list(PORTS)
    starts = [port for port in pool if port % _STEP == 0]
    at = seed % len(starts)
    after = [max(map(int, given.values())) + 1] if given else []  # beside what it has
    for start in (*after, *starts[at:], *starts[:at]) if missing else ():
        block = range(start, start + len(missing))
        if all(port in PORTS and is_free(port) for port in block):
            given |= {name: str(port) for name, port in zip(missing, block, strict=True)}
            return {name: given[name] for name in variables}
    free = (port for port in pool if is_free(port))
    for name in missing:
        port = next(free, None)
        if port is None:
            raise AllocationError(f"of the ports {PORTS.start} to {PORTS.stop - 1} not enough are free")
        given[name] = str(port)
    return {name: given[name] for name in variables}


def _subnet(seed: int, taken: Collection[str], machine: Machine) -> str:
    at = seed % len(_OCTETS)
    for octet in _OCTETS[at:] + _OCTETS[:at]:
        prefix = f"10.{octet}"
        if prefix not in taken and not machine.has_route(prefix):
            return prefix
    raise AllocationError(f"every network from 10.{_OCTETS[0]}.0.0/16 to 10.{_OCTETS[-1]}.0.0/16 is in use here")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) < 65536  # noqa: PLR2004 - what a port can be
