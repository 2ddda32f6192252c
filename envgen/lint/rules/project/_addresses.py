"""Addresses in the values of variables: URLs, `host:port`, and the forms of database drivers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://(?P<hosts>[^/\s\"'?#<>|]*)")
_PAIR = re.compile(r"(?P<host>[A-Za-z][\w.-]*):(?P<port>\d{1,5})(?:/\S*)?")
_IN_BRACKETS = re.compile(r"\b(?:tcp|udp)\((?P<host>[\w.-]+)(?::(?P<port>\d{1,5}))?\)")
_KEYED = re.compile(r"(?:^|[;\s])(?:host|server|data source|hostname)\s*=\s*(?P<host>[\w.-]+)", re.IGNORECASE)
_KEYED_PORT = re.compile(r"(?:^|[;\s])port\s*=\s*(?P<port>\d{1,5})", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9][\w.-]*")
_BETWEEN = re.compile(r"[,;\s]+")
_HOST_NAMES = ("HOST", "HOSTNAME", "HOSTS", "SERVER", "SERVERS", "ADDR", "ADDRESS", "URL", "URI", "ENDPOINT")
_BROWSER = ("REACT_APP_", "NEXT_PUBLIC_", "VITE_", "NUXT_PUBLIC_", "PUBLIC_", "VUE_APP_", "EXPO_PUBLIC_", "GATSBY_")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Address:
    """A host that a value names; `scheme` is "" and `port` None where it says none."""

    host: str
    port: int | None = None
    scheme: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether it leads back into the same container."""
        return self.host in _LOOPBACK

    @property
    def text(self) -> str:
        """The address as one writes it."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


def is_for_browsers(name: str) -> bool:
    """Whether a variable goes into code that runs in the user's browser, outside of any container."""
    return name.startswith(_BROWSER)


def addresses(name: str, value: str) -> Iterator[Address]:
    """The addresses in a variable's value; a text that is a mere host counts where the variable's name says so."""
    has_url = False
    for found in _URL.finditer(value):
        has_url = True
        for part in found["hosts"].rpartition("@")[2].split(","):
            yield from _pair(part, found["scheme"].lower())
    if has_url:
        return
    for found in _IN_BRACKETS.finditer(value):
        yield Address(found["host"], int(found["port"]) if found["port"] else None)
    if "=" in value:
        port = _KEYED_PORT.search(value)
        for found in _KEYED.finditer(value):
            yield Address(found["host"], int(port["port"]) if port else None)
        return
    for word in _BETWEEN.split(value):
        if pair := _PAIR.fullmatch(word):
            yield Address(pair["host"], int(pair["port"]))
        elif _HOST.fullmatch(word) and name.upper().endswith(_HOST_NAMES):
            yield Address(word)


def _pair(text: str, scheme: str) -> Iterator[Address]:
    host, _, port = text.partition(":")
    if _HOST.fullmatch(host):
        yield Address(host, int(port) if port.isdecimal() else None, scheme)


def names_of(compose: Compose) -> dict[str, set[str]]:
    """The services that each name leads to: service names, container names, and aliases on a network."""
    found: dict[str, set[str]] = {}
    for service in compose.services.values():
        names = {service.name, text_of(service.data.get("container_name")) or service.name}
        for network in mapped(service.data.get("networks")).values():
            names.update(text for one in listed(mapped(network).get("aliases")) if (text := text_of(one)))
        for name in names:
            found.setdefault(name, set()).add(service.name)
    return found


def networks_of(service: Service) -> frozenset[str] | None:
    """The networks that a service is on; None where it uses those of the host or of another container."""
    if service.data.get("network_mode") is not None:
        return None
    value = service.data.get("networks")
    if isinstance(value, Mapping):
        return frozenset(value) or frozenset({"default"})
    return frozenset(text for one in listed(value) if (text := text_of(one))) or frozenset({"default"})


def waits_for(compose: Compose) -> dict[str, set[str]]:
    """The services that each one starts after, over any number of steps."""
    direct: dict[str, set[str]] = {}
    for service in compose.services.values():
        found = {one.service for one in service.depends_on}
        found.update((text_of(one) or "").partition(":")[0] for one in listed(service.data.get("links")))
        for key in ("network_mode", "ipc", "pid"):
            kind, _, other = (text_of(service.data.get(key)) or "").partition(":")
            if kind == "service":
                found.add(other)
        found.update((text_of(one) or "").partition(":")[0] for one in listed(service.data.get("volumes_from")))
        direct[service.name] = found
    return {name: _closure(name, direct) for name in direct}


def _closure(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [name]
    while left:
        for other in direct.get(left.pop(), ()):
            if other not in found:
                found.add(other)
                left.append(other)
    return found
