"""Compose's short and long forms as one: https://docs.docker.com/reference/compose-file/services/.

Nothing here fails: what has another form than compose takes is left out, and reported by the rules about syntax. Texts
may hold a `${VARIABLE}` whose value is not known.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envgen.source import Data, Route

_BRACKETED = re.compile(r"\[(?P<ip>[^\]]*)\]:(?P<rest>.*)")
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_PART = re.compile(r"(?:\$\{[^}]*\}|[^:])*")  # a colon inside of `${A:-b}` separates nothing
_HOST_FORM = 3  # parts of `ip:published:target`


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """An entry of `ports`; numbers and ranges are text, what isn't written is "". `route` leads to it there."""

    target: str
    published: str = ""
    host_ip: str = ""
    protocol: str = "tcp"
    mode: str = ""
    route: Route = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """An entry of `volumes`: `type` is bind, volume, tmpfs or another of compose's; an anonymous volume has no source.

    `options` are those of the short form's third part, or of the long form as `key` or `key=value` (`nocopy`,
    `propagation=shared`, `ro`).
    """

    type: str
    source: str
    target: str
    read_only: bool = False
    options: tuple[str, ...] = ()
    is_long: bool = False
    route: Route = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """An entry of `environment`; `value` is None where compose passes on the one of the shell or `.env`."""

    name: str
    value: str | None
    route: Route = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """An entry of `depends_on`; `is_short` where only the name is written."""

    service: str
    condition: str = "service_started"
    required: bool = True
    is_short: bool = False
    route: Route = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """An entry of `env_file`, relative to the file that it stands in."""

    path: str
    required: bool = True
    route: Route = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A service's `build`; `dockerfile` is "" where none is written, `args` maps to None what the shell provides."""

    context: str = "."
    dockerfile: str = ""
    inline: str | None = None
    target: str = ""
    args: Mapping[str, str | None]
    arg_routes: Mapping[str, Route]
    additional_contexts: frozenset[str] = frozenset()
    platforms: tuple[str, ...] = ()
    is_short: bool = False
    route: Route = ("build",)


def text_of(value: Data) -> str | None:
    """A scalar as compose passes it on (`true` in lower case), None for nothing, a map or a list."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            return None


def listed(value: Data) -> list[Data]:
    """The items of a list; those of anything else are none."""
    return value if isinstance(value, list) else []


def mapped(value: Data) -> dict[str, Data]:
    """The entries of a map; those of anything else are none."""
    return value if isinstance(value, dict) else {}


def split_colons(text: str) -> list[str]:
    """The parts between colons, those inside of `${...}` left alone."""
    parts, position = [], 0
    while True:
        match = _PART.match(text, position)
        end = match.end() if match else len(text)
        parts.append(text[position:end])
        if end >= len(text):
            return parts
        position = end + 1


def ports(value: Data) -> Iterator[Port]:
    """The entries of `ports`."""
    for index, item in enumerate(listed(value)):
        route: Route = ("ports", index)
        if isinstance(item, dict):
            texts = {
                key: text_of(item.get(key)) or "" for key in ("target", "published", "host_ip", "protocol", "mode")
            }
            yield Port(**(texts | {"protocol": texts["protocol"] or "tcp"}), route=route)
        elif (text := text_of(item)) is not None:
            yield _short_port(text, route)


def mounts(value: Data) -> Iterator[Mount]:
    """The entries of `volumes`."""
    for index, item in enumerate(listed(value)):
        route: Route = ("volumes", index)
        if isinstance(item, dict):
            yield _long_mount(item, route)
        elif isinstance(item, str):
            yield _short_mount(item, route)


def variables(value: Data) -> Iterator[Variable]:
    """The entries of `environment`, in either form."""
    for name, (text, route) in _pairs(value, ("environment",)).items():
        yield Variable(name=name, value=text, route=route)


def dependencies(value: Data) -> Iterator[Dependency]:
    """The entries of `depends_on`, in either form."""
    for index, item in enumerate(listed(value)):
        if isinstance(item, str):
            yield Dependency(service=item, is_short=True, route=("depends_on", index))
    for name, entry in mapped(value).items():
        condition = text_of(mapped(entry).get("condition")) or "service_started"
        required = mapped(entry).get("required") is not False
        yield Dependency(service=name, condition=condition, required=required, route=("depends_on", name))


def env_files(value: Data) -> Iterator[EnvFile]:
    """The entries of `env_file`, in any of its forms."""
    if isinstance(value, str):
        yield EnvFile(path=value, route=("env_file",))
    for index, item in enumerate(listed(value)):
        route: Route = ("env_file", index)
        if isinstance(item, str):
            yield EnvFile(path=item, route=route)
        elif isinstance(item, dict) and isinstance(path := item.get("path"), str):
            yield EnvFile(path=path, required=item.get("required") is not False, route=(*route, "path"))


def build(value: Data) -> Build | None:
    """A service's `build`, in either form."""
    if isinstance(value, str):
        return Build(context=value, args={}, arg_routes={}, is_short=True)
    if not isinstance(value, dict):
        return None
    args = _pairs(value.get("args"), ("build", "args"))
    inline = value.get("dockerfile_inline")
    extra = value.get("additional_contexts")
    names = list(extra) if isinstance(extra, dict) else [str(one).partition("=")[0] for one in listed(extra)]
    return Build(
        context=text_of(value.get("context")) or ".",
        dockerfile=text_of(value.get("dockerfile")) or "",
        inline=inline if isinstance(inline, str) else None,
        target=text_of(value.get("target")) or "",
        args={name: text for name, (text, _) in args.items()},
        arg_routes={name: route for name, (_, route) in args.items()},
        additional_contexts=frozenset(names),
        platforms=tuple(one for one in listed(value.get("platforms")) if isinstance(one, str)),
    )


def _pairs(value: Data, route: Route) -> dict[str, tuple[str | None, Route]]:
    found: dict[str, tuple[str | None, Route]] = {}
    for index, item in enumerate(listed(value)):
        if isinstance(item, str):
            name, separator, text = item.partition("=")
            found[name] = (text if separator else None, (*route, index))
    for name, item in mapped(value).items():
        found[name] = (text_of(item), (*route, name))
    return found


def _short_port(text: str, route: Route) -> Port:
    host_ip = ""
    rest, _, protocol = text.partition("/")
    if bracketed := _BRACKETED.fullmatch(rest):
        host_ip, rest = bracketed["ip"], bracketed["rest"]
    parts = split_colons(rest)
    if len(parts) >= _HOST_FORM:
        host_ip, parts = ":".join(parts[:-2]), parts[-2:]
    published, target = parts if len(parts) > 1 else ("", parts[0])
    return Port(target=target, published=published, host_ip=host_ip, protocol=protocol or "tcp", route=route)


def _short_mount(text: str, route: Route) -> Mount:
    drive = text[:2] if _WINDOWS_DRIVE.match(text) else ""
    parts = split_colons(text[len(drive) :])
    if len(parts) == 1:
        return Mount(type="volume", source="", target=drive + parts[0], route=route)
    source = drive + parts[0]
    options = tuple(parts[2].split(",")) if len(parts) > 2 else ()  # noqa: PLR2004 - source:target:options
    is_path = bool(drive) or source.startswith((".", "/", "~", "\\\\"))
    return Mount(
        type="bind" if is_path else "volume",
        source=source,
        target=parts[1],
        read_only="ro" in options,
        options=options,
        route=route,
    )


def _long_mount(item: Mapping[str, Data], route: Route) -> Mount:
    options = []
    for kind in ("bind", "volume", "tmpfs", "image"):
        for key, value in mapped(item.get(kind)).items():
            options.append(key if value is True else f"{key}={text_of(value)}")
    return Mount(
        type=text_of(item.get("type")) or "",
        source=text_of(item.get("source")) or "",
        target=text_of(item.get("target")) or "",
        read_only=item.get("read_only") is True,
        options=tuple(options),
        is_long=True,
        route=route,
    )
