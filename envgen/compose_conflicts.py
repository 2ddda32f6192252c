"""Which keys of a compose file contradict each other: compose refuses the file rather than choose.

Facts: compose-go, loader/validate.go and loader/normalize.go, each seen with docker-compose 5.6.1.
"""

from collections.abc import Callable, Iterator, Mapping

from envgen.compose_schema import has_interpolation
from envgen.source import Data, Route


def excluding(data: Mapping[str, Data]) -> Iterator[tuple[Route, str]]:
    """Keys of a service that leave no room for another, with the route of the one to point at."""
    build = _mapped(data.get("build"))
    deploy = _mapped(data.get("deploy"))
    if data.get("network_mode") and data.get("networks"):
        yield ("network_mode",), "`network_mode` and `networks` exclude each other"
    if build.get("dockerfile") and build.get("dockerfile_inline"):
        yield ("build", "dockerfile_inline"), "`dockerfile` and `dockerfile_inline` exclude each other"
    platforms, platform = _listed(build.get("platforms")), data.get("platform")
    is_known = not any(map(has_interpolation, (platform, *platforms)))
    if platforms and platform and platform not in platforms and is_known:
        yield ("platform",), f"`platform` is `{platform}`, which is not among `build.platforms`"
    copies = _number(data["scale"] if "scale" in data else deploy.get("replicas"))
    if data.get("container_name") and copies is not None and copies > 1:
        yield ("container_name",), f"{copies:g} containers can't all have the name `{data['container_name']}`"
    if copies is not None and copies < 0:
        yield ("scale",) if "scale" in data else ("deploy", "replicas"), "the number of containers is negative"
    scale, replicas = _number(data.get("scale")), _number(deploy.get("replicas"))
    if scale is not None and replicas is not None and scale != replicas:
        yield ("scale",), "`scale` and `deploy.replicas` disagree"
    reservations = _mapped(_mapped(deploy.get("resources")).get("reservations"))
    for route, requests in (
        (("deploy", "resources", "reservations", "devices"), _listed(reservations.get("devices"))),
        (("gpus",), _listed(data.get("gpus"))),
    ):
        for index, request in enumerate(requests):
            if "count" in _mapped(request) and "device_ids" in _mapped(request):
                yield (*route, index, "count"), "`count` and `device_ids` exclude each other"


def disagreeing(data: Mapping[str, Data]) -> Iterator[tuple[Route, str]]:
    """Limits of a service that are written in two places, and differ; what is not known agrees."""
    resources = _mapped(_mapped(data.get("deploy")).get("resources"))
    for key, part, other, read in _PAIRS:
        own, section = read(data.get(key)), resources.get(part)
        if not own or not isinstance(section, dict) or has_interpolation(section.get(other)):
            continue
        if (read(section.get(other)) or 0) != own:
            yield (key,), f"`{key}` and `deploy.resources.{part}.{other}` disagree"


def in_sections(data: Mapping[str, Data]) -> Iterator[tuple[Route, str]]:
    """Keys of secrets, configs and volumes that leave no room for another."""
    for section, keys in (("secrets", ("file", "environment")), ("configs", ("file", "environment", "content"))):
        for name, entry in _mapped(data.get(section)).items():
            written = [key for key in keys if key in _mapped(entry)]
            if len(written) > 1:
                yield (
                    (section, name, written[1]),
                    f"`{section}.{name}`: `{written[0]}` and `{written[1]}` exclude each other",
                )
    for name, entry in _mapped(data.get("volumes")).items():
        other = next((key for key in _mapped(entry) if key not in _EXTERNAL and not key.startswith("x-")), None)
        external = _mapped(entry).get("external")
        if other and (external is True or isinstance(external, dict) or external == "true"):
            yield ("volumes", name, other), f"the volume `{name}` is external, so that `{other}` can't be set"


def _number(value: Data) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _bytes(value: Data) -> float | None:
    number = _number(value)
    if number is not None or not isinstance(value, str):
        return number
    unit = value.lower().rstrip("b").rstrip("i")
    return None if not unit or (part := _number(unit[:-1].strip())) is None else part * _UNITS.get(unit[-1], 1)


def _mapped(value: Data) -> dict[str, Data]:
    return value if isinstance(value, dict) else {}


def _listed(value: Data) -> list[Data]:
    return value if isinstance(value, list) else []


_EXTERNAL = frozenset({"name", "external"})
_UNITS = {unit: 1024.0**power for power, unit in enumerate("kmgtp", 1)}
_PAIRS: tuple[tuple[str, str, str, Callable[[Data], float | None]], ...] = (
    ("cpus", "limits", "cpus", _number),
    ("mem_limit", "limits", "memory", _bytes),
    ("pids_limit", "limits", "pids", _number),
    ("mem_reservation", "reservations", "memory", _bytes),
)
