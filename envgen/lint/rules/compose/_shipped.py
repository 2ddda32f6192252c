"""What a text of a compose file holds by itself, without what the shell or `.env` would add."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from envgen import interpolation
from envgen.interpolation import Interpolated, Interpolation
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import text_of
from envgen.lint.place import Place
from envgen.source import Data, Route

UNKNOWN = "\0"  # stands where the value of a variable would


@dataclass(frozen=True, slots=True)
class Shipped:
    """A text as the file ships it: `UNKNOWN` stands for variables; `has_default` where a `${NAME:-text}` was used."""

    text: str
    has_default: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the file says all of it."""
        return UNKNOWN not in self.text


@dataclass(frozen=True, slots=True)
class Setting:
    """A name that is given a value in the file."""

    name: str
    value: Shipped
    route: Route
    service: Service

    @property
    def place(self) -> Place:
        """Where its name stands, or its entry of a list."""
        return self.service.place(*self.route, at_key=True)


def shipped(raw: str, environment: Mapping[str, str]) -> Shipped:
    """What a text in compose's spelling ships. A variable that `environment` sets is not the file's."""
    if "$" not in raw:
        return Shipped(raw)
    try:
        parsed = interpolation.parse(raw)
    except interpolation.InterpolationError:
        return Shipped(UNKNOWN)
    if not isinstance(parsed, Interpolated):
        return Shipped(parsed)
    has_default = False
    texts: list[str] = []
    for part in parsed.parts:
        text = part if isinstance(part, str) else _default(part, environment)
        has_default = has_default or (text is not None and not isinstance(part, str))
        texts.append(UNKNOWN if text is None else text)
    return Shipped("".join(texts), has_default)


def variables(service: Service, is_wanted: Callable[[str], bool] = bool) -> Iterator[Setting]:
    """The entries of `environment` that have a value in the file, those with a wanted name."""
    for variable in service.environment:
        if variable.value and is_wanted(variable.name):
            yield from _setting(service, variable.name, variable.value, variable.route)


def build_arguments(service: Service) -> Iterator[Setting]:
    """The entries of `build.args` that have a value in the file."""
    if service.build is not None:
        for name, value in service.build.args.items():
            if value:
                yield from _setting(service, name, value, service.build.arg_routes[name])


def _setting(service: Service, name: str, value: str, route: Route) -> Iterator[Setting]:
    full: Route = ("services", service.name, *route)
    raw: Data = service.compose.written(*full)
    text = text_of(raw)
    if text is None:
        text = value
    elif isinstance(service.compose.origin(full)[1][-1], int):
        text = text.partition("=")[2]
    yield Setting(name, shipped(text, service.compose.environment), route, service)


def _default(part: Interpolation, environment: Mapping[str, str]) -> str | None:
    if part.operator not in (":-", "-") or environment.get(part.name):
        return None
    inner = shipped(part.operand, environment)
    return inner.text if inner.is_known else None
