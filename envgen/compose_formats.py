"""Texts that compose parses, and what it refuses about each; a check returns what is wrong, or None.

Facts: compose-go (types/, format/volume.go, loader/interpolate.go), go-connections (nat), go-units, go-str2duration and
go-shellwords, each seen with docker-compose 5.6.1.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from envgen.signals import is_signal
from envgen.source import Data, Route

_DURATION = re.compile(r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 9_223_372_036  # seconds that fit into Go's durations
_SIZE = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+) ?(?:[kmgtp](?:i?b)?|b)?", re.IGNORECASE)
_INTEGER = re.compile(r"[-+]?\d+")
_FLOAT = re.compile(r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|inf|infinity|nan)", re.IGNORECASE)
_PORT = re.compile(r"\d{1,9}")
_LARGEST_PORT = 65_535
_BOOLEANS = frozenset({"true", "false", "y", "yes", "on", "n", "no", "off"})
_PROTOCOLS = frozenset({"tcp", "udp", "sctp"})
_PARTS_OF_DEVICE = 3
_WIDEST = 60  # characters of a text in a message
_OPENING = frozenset("'\"`()")
_RESTART = re.compile(r"|no|always|unless-stopped|on-failure(:\d+)?")
_CONTAINER_NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+")
Form = Callable[[str], str | None]


def cut(text: str) -> str:
    """The text, short enough for a message."""
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def duration(text: str) -> str | None:
    """`1m30s`: numbers with units, days and weeks among them."""
    if text in ("0", "+0", "-0"):
        return None
    if not _DURATION.fullmatch(text):
        is_number = _FLOAT.fullmatch(text) is not None
        return f"`{cut(text)}` has no unit" if is_number else f"`{cut(text)}` is no duration"
    total = sum(float(number) * _SECONDS.get(unit, 0) for number, unit in _DURATION_PART.findall(text))
    return f"`{cut(text)}` is longer than compose can count" if total > _LONGEST else None


def size(text: str) -> str | None:
    """`512m`, `1.5gb`, a number of bytes, or a negative one for no limit."""
    return None if _INTEGER.fullmatch(text) or _SIZE.fullmatch(text) else f"`{cut(text)}` is no size in bytes"


def integer(text: str) -> str | None:
    """A whole number."""
    return None if _INTEGER.fullmatch(text) else f"`{cut(text)}` is no whole number"


def number(text: str) -> str | None:
    """Any number."""
    return None if _FLOAT.fullmatch(text) else f"`{cut(text)}` is no number"


def boolean(text: str) -> str | None:
    """`true` or `false`, and YAML 1.1's other words for them."""
    return None if text.lower() in _BOOLEANS else f"`{cut(text)}` is neither true nor false"


def device_count(text: str) -> str | None:
    """`all`, or a whole number."""
    return None if text.lower() == "all" else integer(text)


def device(text: str) -> str | None:
    """`/dev/on-host:/dev/in-container:rwm`."""
    return "it has more than three parts between colons" if text.count(":") >= _PARTS_OF_DEVICE else None


def host(text: str) -> str | None:
    """`name=1.2.3.4` or `name:1.2.3.4`."""
    name, separator, _ = text.partition("=" if "=" in text else ":")
    if not separator:
        return f"`{cut(text)}` names no address"
    return host_name(name)


def host_name(name: str) -> str | None:
    """A name that gets an address."""
    return f"`{cut(name)}` is no name of a host" if not name or ":" in name or "=" in name else None


def environment_item(text: str) -> str | None:
    """An item of `environment` in list form."""
    name = text.partition("=")[0]
    return f"`{cut(name)}` ends with a space" if name and name[-1].isspace() else None


def pair(text: str) -> str | None:
    """An item of a list that stands for a map."""
    return None if "=" in text else f"`{cut(text)}` has no `=`"


def ssh_key(text: str) -> str | None:
    """`default`, or a name and a path."""
    return None if text == "default" else pair(text)


def no_text(text: str) -> str | None:
    """A number, which isn't a text even where it looks like one."""
    return f'"{cut(text)}" is a text, and no number'


def filled(text: str) -> str | None:
    """Any text but an empty one."""
    return None if text else "it is empty"


def command(text: str) -> str | None:
    """A command line as go-shellwords splits it: quotes close, and no bracket stands by itself."""
    if not any(mark in text for mark in "'\"`()\\"):
        return None
    is_open, previous = "", ""
    characters = iter(text)
    for character in characters:
        if character == "\\" and is_open != "'":
            if next(characters, None) is None:
                return "it ends with a backslash"
        elif not is_open and character in ";&|<>":
            return None  # compose reads no further
        elif not is_open and character == "(" and previous != "$":
            return "it has a bracket outside of quotes"
        elif character in _OPENING:
            is_open = _quoted(is_open, character)
        previous = character
    return f"it has a `{is_open}` that isn't closed" if is_open else None


def _quoted(is_open: str, character: str) -> str:
    """What is open after one of the characters that open and close."""
    if is_open == "`" and character in "'\"":
        return is_open  # quotes inside of backquotes are not worth a guess
    if character == "(":
        return is_open or "$("
    if character == ")":
        return {"$(": "", "": "$("}.get(is_open, is_open)
    if not is_open:
        return character
    return "" if is_open == character else is_open


def port(text: str) -> str | None:
    """The short form of `ports`: `[[ip:]published:]target[/protocol]`, numbers or ranges."""
    *front, target = text.split(":")
    target, _, protocol = target.partition("/")
    published = front.pop() if front else ""
    address = ":".join(front)
    literal = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    if literal and not is_address(literal):
        return f"`{cut(address)}` is no IP address"
    if protocol and protocol.lower() not in _PROTOCOLS:
        return f"`{cut(protocol)}` is no protocol: there are tcp, udp and sctp"
    return _ports(published, target)


def _ports(published: str, target: str) -> str | None:
    if not target:
        return "it names no port of the container"
    inside, outside = port_range(target), port_range(published) if published else (0, 0)
    if inside is None or inside[0] == 0:
        return f"`{cut(target)}` is no port of a container"
    if outside is None:
        return f"`{cut(published)}` is no port of the host"
    if published and inside[1] > inside[0] and inside[1] - inside[0] != outside[1] - outside[0]:
        return f"`{cut(published)}` and `{cut(target)}` are not equally long"
    return None


def port_range(text: str) -> tuple[int, int] | None:
    """First and last port of `8000` or `8000-8010`; None where it is neither."""
    first, separator, last = text.partition("-")
    first, last = first.removeprefix("+"), last if separator else first.removeprefix("+")
    if not _PORT.fullmatch(first) or not _PORT.fullmatch(last):
        return None
    numbers = int(first), int(last)
    return numbers if numbers[0] <= numbers[1] <= _LARGEST_PORT else None


def is_address(text: str) -> bool:
    """Whether this is an IPv4 or IPv6 address (Go's net.ParseIP)."""
    try:
        IPv6Address(text) if ":" in text else IPv4Address(text)
    except (AddressValueError, ValueError):
        return False
    return "%" not in text


def mount(text: str) -> str | None:
    """The short form of `volumes`: `[source:]target[:options]`."""
    if len(text) <= 2:  # noqa: PLR2004 - compose asks no questions about these
        return None if text else "it is empty"
    parts = list(mount_parts(text))
    if not all(parts):
        return "there is nothing between two of its colons" if parts[-1] else "it ends with a colon"
    return "it has more than two colons" if len(parts) > 3 else None  # noqa: PLR2004 - source, target, options


def mount_parts(text: str) -> Iterator[str]:
    """The parts of a volume between colons; that of a Windows drive separates nothing."""
    part, nesting = "", 0
    for index, character in enumerate(text):
        if character == "$" and text[index + 1 : index + 2] == "{":
            nesting += 1
        elif character == "}" and nesting:
            nesting -= 1
        is_drive = character == ":" and len(part) == 1 and part.isalpha()
        if character == ":" and not nesting and not is_drive:
            yield part
            part = ""
        else:
            part += character
    yield part


def restart(text: str) -> str | None:
    """A restart policy; compose passes on any text, and Docker refuses to create the container."""
    return None if _RESTART.fullmatch(text) else f"`{cut(text)}` is no restart policy"


def container_name(text: str) -> str | None:
    """A name that Docker takes for a container (moby, daemon/names.go)."""
    return None if _CONTAINER_NAME.fullmatch(text) else f"Docker refuses `{cut(text)}` as the name of a container"


def stop_signal(text: str) -> str | None:
    """A signal of Linux; compose passes on any text, and Docker refuses to create the container."""
    return None if not text or is_signal(text) else f"there is no signal `{cut(text)}`"


SERVICE: Mapping[tuple[str, ...], Form] = {
    **{(key,): integer for key in ("cpu_count", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime")},
    **{(key,): integer for key in ("cpu_shares", "oom_score_adj", "pids_limit", "scale")},
    **{(key,): number for key in ("cpu_percent", "cpus")},
    **{(key,): boolean for key in ("init", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty")},
    ("attach",): boolean,
    **{(key,): size for key in ("mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "shm_size")},
    ("build", "shm_size"): size,
    ("build", "no_cache"): boolean,
    ("build", "pull"): boolean,
    ("build", "privileged"): boolean,
    ("stop_grace_period",): duration,
    **{("healthcheck", key): duration for key in ("interval", "timeout", "start_period", "start_interval")},
    ("healthcheck", "retries"): integer,
    ("healthcheck", "disable"): boolean,
    ("command",): command,
    ("entrypoint",): command,
    ("depends_on", "*", "required"): boolean,
    ("depends_on", "*", "restart"): boolean,
    ("deploy", "replicas"): integer,
    ("deploy", "placement", "max_replicas_per_node"): integer,
    ("deploy", "restart_policy", "max_attempts"): integer,
    ("deploy", "restart_policy", "delay"): duration,
    ("deploy", "restart_policy", "window"): duration,
    **{("deploy", key, "parallelism"): integer for key in ("update_config", "rollback_config")},
    **{("deploy", key, "max_failure_ratio"): number for key in ("update_config", "rollback_config")},
    **{("deploy", key, "delay"): duration for key in ("update_config", "rollback_config")},
    **{("deploy", key, "monitor"): duration for key in ("update_config", "rollback_config")},
    **{("deploy", "resources", key, "cpus"): number for key in ("limits", "reservations")},
    **{("deploy", "resources", key, "memory"): size for key in ("limits", "reservations")},
    ("deploy", "resources", "reservations", "devices", "*", "count"): device_count,
    ("gpus", "*", "count"): device_count,
    ("ulimits", "*"): integer,
    ("ulimits", "*", "soft"): integer,
    ("ulimits", "*", "hard"): integer,
    ("volumes", "*", "read_only"): boolean,
    ("volumes", "*", "volume", "nocopy"): boolean,
    ("volumes", "*", "tmpfs", "size"): size,
    ("devices", "*"): device,
    ("extra_hosts", "*"): host,
    ("environment", "*"): environment_item,
    ("build", "additional_contexts", "*"): pair,
    ("build", "ssh", "*"): ssh_key,
    ("blkio_config", "weight"): no_text,
    ("develop", "watch", "*", "path"): filled,
}
"""What compose parses in a service, by the route of the text; `*` stands for any key or index."""

SECTIONS: Mapping[tuple[str, ...], Form] = {
    **{("networks", "*", key): boolean for key in ("external", "internal", "attachable", "enable_ipv4", "enable_ipv6")},
    **{(section, "*", "external"): boolean for section in ("volumes", "secrets", "configs")},
}
"""The same for the other sections of a file."""
_ENGINES: Mapping[tuple[str, ...], Form] = {
    ("restart",): restart,
    ("container_name",): container_name,
    ("stop_signal",): stop_signal,
}


def service_texts(service: Mapping[str, Data], *, for_engine: bool = False) -> Iterator[tuple[Route, str, Form]]:
    """Every text of a service that compose parses, with its route and what it has to be.

    `for_engine` adds what compose passes on as it is, and the engine refuses.
    """
    for key in _SERVICE.keys() & service.keys():
        for rest, form in _SERVICE[key]:
            if for_engine or (key, *rest) not in _ENGINES:
                yield from ((route, text, form) for text, route in _texts(service[key], rest, (key,)))


def service_others(service: Mapping[str, Data]) -> Iterator[tuple[Route, str]]:
    """What is wrong with a service, and isn't about a text; routes lead to the key."""
    for name in _map(service.get("extra_hosts")):
        if problem := host_name(name):
            yield ("extra_hosts", name), problem
    for index, item in enumerate(_list(service.get("devices"))):
        if isinstance(item, dict) and "target" not in item:
            yield ("devices", index), "it has no `target`, the device in the container"
    for index, item in enumerate(_list(service.get("expose"))):
        if isinstance(item, float):
            yield ("expose", index), f"`{item}` is no whole number"
    retries = _map(service.get("healthcheck")).get("retries")
    if isinstance(retries, int) and retries < 0:
        yield ("healthcheck", "retries"), f"`{retries}` is negative"
    for index, item in enumerate(_list(_map(service.get("develop")).get("watch"))):
        if isinstance(item, dict) and not item.get("target") and item.get("action") not in ("rebuild", "restart"):
            yield ("develop", "watch", index), "it has no `target`, the path in the container"


def section_texts(data: Mapping[str, Data]) -> Iterator[tuple[Route, str, Form]]:
    """Every text outside of the services that compose parses, with its route and what it has to be."""
    for (section, *rest), form in SECTIONS.items():
        if section in data:
            yield from ((route, text, form) for text, route in _texts(data[section], tuple(rest), (section,)))


def _texts(value: Data, rest: tuple[str, ...], route: Route) -> Iterator[tuple[str, Route]]:
    """The texts at a route with stars below a value."""
    if not rest:
        if isinstance(value, str):
            yield value, route
        return
    if rest[0] != "*":
        if isinstance(value, dict) and rest[0] in value:
            yield from _texts(value[rest[0]], rest[1:], (*route, rest[0]))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, rest[1:], (*route, index))
    elif isinstance(value, dict) and route not in _LISTS:
        for name, item in value.items():
            yield from _texts(item, rest[1:], (*route, name))


def _map(value: Data) -> dict[str, Data]:
    return value if isinstance(value, dict) else {}


def _list(value: Data) -> list[Data]:
    return value if isinstance(value, list) else []


_LISTS = frozenset(
    {("environment",), ("extra_hosts",), ("build", "additional_contexts"), ("build", "ssh")}
)  # as maps they have other forms
_SERVICE: dict[str, list[tuple[tuple[str, ...], Form]]] = {}
for _route, _form in {**SERVICE, **_ENGINES}.items():
    _SERVICE.setdefault(_route[0], []).append((_route[1:], _form))
