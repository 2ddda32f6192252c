from collections.abc import Callable, Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import enabled
from envgen.source import Data, Route


@compose_rule("EG219", "conflicting-keys", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """Two keys of a service contradict each other.

    Some keys exclude each other, as `network_mode` and `networks`, and some say the same thing in two places and
    must agree, as `scale` and `deploy.replicas`. Compose refuses the file rather than choose.

    Bad:

        services:
          web:
            image: web:1
            network_mode: host
            networks: [front]
        networks:
          front:

    Good:

        services:
          web:
            image: web:1
            networks: [front]
        networks:
          front:
    """
    for service in enabled(compose).values():
        for key, message in (*_excluding(service), *_disagreeing(service)):
            yield Violation(
                place=service.place(*key, at_key=True),
                message=f"`{service.name}`: {message}",
                hint="remove one of them",
            )
    yield from _in_sections(compose.strict)


def _excluding(service: Service) -> Iterator[tuple[Route, str]]:
    data, build = service.data, mapped(service.data.get("build"))
    deploy = mapped(data.get("deploy"))
    if data.get("network_mode") and data.get("networks"):
        yield ("network_mode",), "`network_mode` and `networks` exclude each other"
    if build.get("dockerfile") and build.get("dockerfile_inline"):
        yield ("build", "dockerfile_inline"), "`dockerfile` and `dockerfile_inline` exclude each other"
    platforms, platform = listed(build.get("platforms")), data.get("platform")
    if platforms and platform and platform not in platforms:
        yield ("platform",), f"`platform` is `{platform}`, which is not among `build.platforms`"
    copies = _number(data["scale"] if "scale" in data else deploy.get("replicas"))
    if data.get("container_name") and copies is not None and copies > 1:
        yield ("container_name",), f"{copies:g} containers can't all have the name `{data['container_name']}`"
    if copies is not None and copies < 0:
        yield ("scale",) if "scale" in data else ("deploy", "replicas"), "the number of containers is negative"
    reservations = mapped(mapped(deploy.get("resources")).get("reservations"))
    for route, requests in (
        (("deploy", "resources", "reservations", "devices"), listed(reservations.get("devices"))),
        (("gpus",), listed(data.get("gpus"))),
    ):
        for index, request in enumerate(requests):
            if "count" in mapped(request) and "device_ids" in mapped(request):
                yield (*route, index, "count"), "`count` and `device_ids` exclude each other"


def _disagreeing(service: Service) -> Iterator[tuple[Route, str]]:
    data, deploy = service.data, mapped(service.data.get("deploy"))
    scale, replicas = _number(data.get("scale")), _number(deploy.get("replicas"))
    if scale is not None and replicas is not None and scale != replicas:
        yield ("scale",), "`scale` and `deploy.replicas` disagree"
    resources = mapped(deploy.get("resources"))
    for key, part, other, read in _PAIRS:
        own, section = read(data.get(key)), resources.get(part)
        if own and isinstance(section, dict) and (read(section.get(other)) or 0) != own:
            yield (key,), f"`{key}` and `deploy.resources.{part}.{other}` disagree"


def _in_sections(compose: Compose) -> Iterator[Violation]:
    for section, keys in (("secrets", ("file", "environment")), ("configs", ("file", "environment", "content"))):
        for name, entry in compose.section(section).items():
            written = [key for key in keys if key in mapped(entry)]
            if len(written) > 1:
                yield Violation(
                    place=compose.place(section, name, written[1], at_key=True),
                    message=f"`{section}.{name}`: `{written[0]}` and `{written[1]}` exclude each other",
                    hint="remove one of them",
                )
    for name, entry in compose.section("volumes").items():
        other = next((key for key in mapped(entry) if key not in _EXTERNAL and not key.startswith("x-")), None)
        external = mapped(entry).get("external")
        if other and (external is True or isinstance(external, dict) or text_of(external) == "true"):
            yield Violation(
                place=compose.place("volumes", name, other, at_key=True),
                message=f"the volume `{name}` is external, so that `{other}` can't be set",
                hint=f"remove `{other}`, or `external`",
            )


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


_EXTERNAL = frozenset({"name", "external"})
_UNITS = {unit: 1024.0**power for power, unit in enumerate("kmgtp", 1)}
_PAIRS: tuple[tuple[str, str, str, Callable[[Data], float | None]], ...] = (
    ("cpus", "limits", "cpus", _number),
    ("mem_limit", "limits", "memory", _bytes),
    ("pids_limit", "limits", "pids", _number),
    ("mem_reservation", "reservations", "memory", _bytes),
)
