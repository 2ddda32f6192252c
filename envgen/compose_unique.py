"""Which lists of a compose model name a thing once (compose-go, override/uncity.go): later entries replace earlier."""

from collections.abc import Callable, Mapping

from envgen.source import Data, Route

_TWO_STARS = frozenset({("services", "ulimits"), ("services", "networks")})
_SERVICE_LEVEL = 3  # parts of `services.web.ulimits`


def pattern(route: Route) -> Route:
    """A route with stars for the names that users choose."""
    if len(route) < 2:  # noqa: PLR2004 - a section has no name in it
        return route
    if len(route) > _SERVICE_LEVEL and (route[0], route[2]) in _TWO_STARS:
        return (route[0], "*", route[2], "*", *route[4:])
    return (route[0], "*", *route[2:])


def text(value: Data) -> str:
    """A scalar as compose writes it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _name(value: Data) -> str | None:
    return value.partition("=")[0] if isinstance(value, str) else None


def _mount(value: Data) -> str | None:
    if isinstance(value, dict):
        target = value.get("target")
        return target if isinstance(target, str) else None
    if not isinstance(value, str):
        return None
    parts = value.split(":")
    is_drive = len(parts) > 1 and len(parts[0]) == 1 and parts[0].isalpha()
    return parts[1 + is_drive] if len(parts) > 1 + is_drive else value


def _device(value: Data) -> str | None:
    if isinstance(value, dict):
        target = value.get("target")
        return target if isinstance(target, str) else None
    if not isinstance(value, str):
        return None
    parts = value.split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def _port(value: Data) -> str | None:
    if isinstance(value, dict):
        host, protocol = value.get("host_ip", "0.0.0.0"), value.get("protocol", "tcp")  # noqa: S104 - compose's default
        return f"{host}:{value.get('published')}:{value.get('target')}/{protocol}"
    return str(value) if isinstance(value, str | int) else None


def _scalar(value: Data) -> str | None:
    return text(value) if isinstance(value, str | int | float) else None


def _env_file(value: Data) -> str | None:
    path = value.get("path") if isinstance(value, dict) else value
    return path if isinstance(path, str) else None


def _file_mount(folder: str) -> Callable[[Data], str | None]:
    def index(value: Data) -> str | None:
        if isinstance(value, str):
            return f"{folder}/{value}"
        if isinstance(value, dict):
            return str(value.get("target", f"{folder}/{value.get('source')}"))
        return None

    return index


INDEXERS: Mapping[Route, Callable[[Data], str | None]] = {
    ("networks", "*", "labels"): _name,
    ("networks", "*", "ipam", "options"): _name,
    **{("services", "*", "build", key): _name for key in ("args", "additional_contexts", "tags", "labels")},
    **{
        ("services", "*", key): _name
        for key in (
            *("annotations", "cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "environment", "labels", "links"),
            *("profiles", "sysctls", "tmpfs"),
        )
    },
    ("services", "*", "deploy", "labels"): _name,
    ("services", "*", "networks", "*", "aliases"): _name,
    ("services", "*", "networks", "*", "link_local_ips"): _name,
    ("services", "*", "configs"): _file_mount(""),
    ("services", "*", "secrets"): _file_mount("/run/secrets"),
    ("services", "*", "devices"): _device,
    ("services", "*", "env_file"): _env_file,
    ("services", "*", "expose"): _scalar,
    ("services", "*", "ports"): _port,
    ("services", "*", "volumes"): _mount,
}
"""By pattern of the list: what an entry is about, or None where it has no form that says so."""
