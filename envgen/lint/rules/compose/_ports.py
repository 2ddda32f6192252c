"""Who can reach a published port."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from envgen.lint.composefile import Port, Service

_ADMINISTRATION = {  # container ports of what should not be reached from elsewhere, whatever program it is
    "1433": "SQL Server",
    "1521": "Oracle",
    "2375": "the unencrypted Docker API",
    "2379": "etcd",
    "3306": "MySQL",
    "33060": "MySQL",
    "5432": "PostgreSQL",
    "5672": "AMQP",
    "5984": "CouchDB",
    "6379": "Redis",
    "9042": "Cassandra",
    "9200": "Elasticsearch",
    "9300": "Elasticsearch",
    "11211": "memcached",
    "15672": "RabbitMQ management",
    "26379": "Redis Sentinel",
    "27017": "MongoDB",
}
_PORT_VARIABLE = re.compile(r"\$\{?\w*port\w*(?::?\?[^}]*)?\}?", re.IGNORECASE)
_TOOLS = ("adminer", "phpmyadmin", "phppgadmin", "pgadmin4", "mongo-express", "redis-commander", "redisinsight")


def open_ports(service: Service) -> Iterator[Port]:
    """The ports of a service that every network interface of the host listens on."""
    if "ports" in service.data:
        for port in service.ports:
            if _is_open(port):
                yield port


def administers(service: Service, port: Port) -> str | None:
    """Whose port it is, where that is a database or tool which only its own people should reach."""
    known = _ADMINISTRATION.get(port.target)
    if known:
        return known
    image = (service.image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    return image if image in _TOOLS else None


def _is_open(port: Port) -> bool:
    if not port.target or (not port.published and "$" in port.target):  # `${WEB}` may hold an address, too
        return False
    if "$" in port.published and not _PORT_VARIABLE.fullmatch(port.published):  # so may `${LISTEN}${WEB_PORT}:80`
        return False
    return not port.host_ip or _is_wildcard(port.host_ip.strip("[]"))


def _is_wildcard(text: str) -> bool:
    if text == "0.0.0.0":  # noqa: S104 - that is what is looked for
        return True
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_unspecified
