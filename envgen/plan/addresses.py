"""Whether two published ports of one number and protocol get into each other's way, by the host's addresses."""

import ipaddress

_ANY = ("0.0.0.0", "::")  # noqa: S104 - what Docker takes where no address is written: all of both families


def overlap(one: str, other: str) -> bool:
    """Whether two `host_ip`s ("" for none) can't both publish a port.

    Docker listens for IPv4 and IPv6 apart: `0.0.0.0` and `::1` go together, and so do two addresses of one family;
    no address means all of both (measured with Docker 28.5). A text that is no address is equal to itself alone.
    """
    return any(_same(mine, theirs) for mine in _addresses(one) for theirs in _addresses(other))


def _addresses(host_ip: str) -> tuple[str, ...]:
    return (host_ip.strip("[]"),) if host_ip else _ANY


def _same(one: str, other: str) -> bool:
    try:
        mine, theirs = ipaddress.ip_address(one), ipaddress.ip_address(other)
    except ValueError:
        return one == other
    if mine.version != theirs.version:
        return False
    return mine == theirs or mine.is_unspecified or theirs.is_unspecified
