"""Who publishes which port of a plan, with the values that compose would fill in. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from envgen.interpolation import Interpolated, Interpolation, Text, parse
from envgen.plan import Plan
from envgen.plan.addresses import overlap
from envgen.plan.entries import port_entry
from envgen.plan.model import Service, Stack, Value
from envgen.source import Data

_HELD = "\x01"  # stands for a part that compose fills in, while a short form is taken apart
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")

Fill = Callable[[str], str]
"""A text in compose's spelling -> what compose makes of it; raises ValueError where compose refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One entry of `ports`.

    `host_ip` is "" for all addresses; `host_port` a number, a range, "" where Docker picks one, or None where a
    required variable has no value; `variables` are those that set the host port, and `movable` the one that alone sets
    it. `discarded` says why Docker publishes nothing, "" if it does.
    """

    environment: str
    service: str
    target: str
    protocol: str
    host_ip: str
    host_port: str | None
    variables: tuple[str, ...]
    movable: str | None
    profiles: tuple[str, ...]
    discarded: str

    @property
    def address(self) -> str:
        """Where it is found: `127.0.0.1:3014`, `[::1]:3014`, `*:3014`."""
        port = "?" if self.host_port is None else self.host_port or "any free port"
        return f"{f'[{self.host_ip}]' if ':' in self.host_ip else self.host_ip or '*'}:{port}"

    @property
    def numbers(self) -> range:
        """The host ports that are known; empty where Docker picks one."""
        match = _RANGE.fullmatch(self.host_port or "")
        if self.discarded or match is None or (match[2] and "-" not in self.target):
            return range(0)  # of a range for one port, Docker picks a free one
        first = int(match[1])
        return range(first, int(match[2] or first) + 1) if first else range(0)


def published(plan: Plan, fill: Fill) -> tuple[Published, ...]:
    """What services publish, in the order of the compose files: those without an overlay ("") first."""
    return tuple(
        entry
        for stack in plan.stacks
        for service in stack.services
        for entry in _of_service(service, fill, stack.environment or "")
    )


def collisions(entries: Sequence[Published]) -> Iterator[tuple[Published, Published, int]]:
    """Pairs that can't both run, and the host port that both want.

    Environments never run together, nor do services without a profile in common if both have some.
    """
    for one, other in combinations(entries, 2):
        shared = range(max(one.numbers.start, other.numbers.start), min(one.numbers.stop, other.numbers.stop))
        apart = one.profiles and other.profiles and not set(one.profiles) & set(other.profiles)
        together = one.environment == other.environment and one.protocol == other.protocol and not apart
        if together and shared and overlap(one.host_ip, other.host_ip):
            yield one, other, shared.start


def shared(plan: Plan) -> tuple[str, ...]:
    """What two checkouts of a project would fight over, because it has a fixed name or place; a sentence each."""
    return tuple(dict.fromkeys(sentence for stack in plan.stacks for sentence in _shared(stack)))


def _shared(stack: Stack) -> Iterator[str]:
    for service in stack.services:
        name = service.compose.get("container_name")
        if isinstance(name, str):
            yield f"the container name {name} of `{service.name}` is fixed: leave `container_name` out"
    for section in ("volumes", "networks"):
        entries = stack.sections.get(section)
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            if not isinstance(entry, dict) or entry.get("external"):
                continue
            if isinstance(entry.get("name"), str):
                yield f"the name {entry['name']} of {section[:-1]} `{key}` is fixed: leave `name` out"
            ipam = entry.get("ipam")
            pools = ipam.get("config") if isinstance(ipam, dict) else None
            for pool in pools if isinstance(pools, list) else ():
                if isinstance(pool, dict) and isinstance(subnet := pool.get("subnet"), str):
                    advice = "write ${ENVGEN_SUBNET_PREFIX:-10.16}.0.0/24"
                    yield f"the subnet {subnet} of network `{key}` is fixed: {advice}"


def _of_service(service: Service, fill: Fill, environment: str) -> Iterator[Published]:
    listed, profiles = service.compose.get("ports"), service.compose.get("profiles")
    mode = service.compose.get("network_mode")
    discarded = f"network_mode is {mode}" if mode in ("host", "none") else ""
    for value in listed if isinstance(listed, list) else ():
        setting = _setting(value)
        known = port_entry(_filled(value, fill))
        single = setting[0] if len(setting) == 1 else None
        yield Published(
            environment=environment,
            service=service.name,
            target=known.target or "?",
            protocol=known.protocol or "?",
            host_ip=known.host_ip or "",
            host_port=known.published,
            variables=tuple(dict.fromkeys(name for part in setting for name in _names(part))),
            movable=single.name if isinstance(single, Interpolation) and not single.operator.endswith("+") else None,
            profiles=tuple(map(str, profiles)) if isinstance(profiles, list) else (),
            discarded=discarded,
        )


def _setting(value: Value) -> list[str | Interpolation]:
    """The parts of the text that sets the host port."""
    if isinstance(value, dict):
        text = value.get("published")
        return list(text.parts) if isinstance(text, Interpolated) else []
    if not isinstance(value, Interpolated):
        return []
    held = [part for part in value.parts if isinstance(part, Interpolation)]
    short = "".join(part if isinstance(part, str) else _HELD for part in value.parts).partition("/")[0]
    if short == _HELD:
        return []  # the variable holds the whole entry
    host_ip, host_port, _ = ["", "", *short.rsplit(":", 2)][-3:]
    rest = held[host_ip.count(_HELD) :]
    return [rest.pop(0) if piece == _HELD else piece for piece in re.split(f"({_HELD})", host_port) if piece]


def _names(part: str | Interpolation) -> Iterator[str]:
    if isinstance(part, Interpolation):
        yield part.name
        operand = parse(part.operand) if part.operator in (":-", "-") else ""
        if isinstance(operand, Interpolated):
            yield from (nested.name for nested in operand.interpolations)


def _filled(value: Value, fill: Fill) -> Data:
    if isinstance(value, dict):
        return {key: _text(item, fill) for key, item in value.items() if isinstance(item, str | int | Interpolated)}
    return _text(value, fill) if isinstance(value, str | int | Interpolated) else ""


def _text(value: Text | int, fill: Fill) -> str:
    """What compose makes of a value; a `$`, which `port_entry` takes for unknown, for each part that it refuses."""
    if not isinstance(value, Interpolated):
        return str(value)
    return "".join(part if isinstance(part, str) else _part(part, fill) for part in value.parts)


def _part(part: Interpolation, fill: Fill) -> str:
    try:
        return fill(part.text)
    except ValueError:
        return "$"
