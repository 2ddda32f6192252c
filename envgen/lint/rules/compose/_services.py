"""What several rules ask of a service's keys."""

from collections.abc import Iterator

from envgen.lint.composefile import Compose, Service
from envgen.lint.composefile.short_forms import listed, mapped, text_of
from envgen.source import Data

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})


def complete(compose: Compose) -> Iterator[Service]:
    """The services that can be judged by what they lack.

    None that has neither image nor build, for more of it must be elsewhere; of an overlay only what it adds to its
    base, where the other services are judged.
    """
    bases = [source.data for source in compose.sources[1:]] if compose.overlay_of is not None else []
    judged = {name for data in bases for name in mapped(mapped(data).get("services"))}
    for service in compose.services.values():
        if ("image" in service.data or "build" in service.data) and service.name not in judged:
            yield service


def is_true(value: Data) -> bool:
    """Whether compose takes a value for true, quoted or not."""
    return value is True or (isinstance(value, str) and value.strip().lower() in _TRUE)


def texts(value: Data) -> list[tuple[int, str]]:
    """The scalars of a list as text, with their numbers."""
    return [(index, text) for index, item in enumerate(listed(value)) if (text := text_of(item)) is not None]


def security_options(service: Service) -> list[tuple[int, str]]:
    """The entries of `security_opt` in lower case as `key:value`, with their numbers."""
    if "security_opt" not in service.data:
        return []
    return [
        (index, text.strip().lower().replace("=", ":", 1)) for index, text in texts(service.data.get("security_opt"))
    ]


def capabilities(service: Service, key: str) -> list[tuple[int, str]]:
    """The entries of `cap_add` or `cap_drop` in upper case without `CAP_`, with their numbers.

    Docker refuses to add CAP_ALL: there it is left out.
    """
    if key not in service.data:
        return []
    written = [(index, text.strip().upper()) for index, text in texts(service.data.get(key))]
    return [(index, name.removeprefix("CAP_")) for index, name in written if name != "CAP_ALL" or key != "cap_add"]


def limits(service: Service) -> dict[str, Data]:
    """The entries of `deploy.resources.limits`."""
    if "deploy" not in service.data:
        return {}
    return mapped(mapped(mapped(service.data.get("deploy")).get("resources")).get("limits"))
