"""Published ports: on loopback where nothing else is written, and movable by a variable."""

import re
from dataclasses import dataclass

from envgen import codes
from envgen.interpolation import Interpolated, Interpolation, Text, join
from envgen.plan.draft import Draft, Problems
from envgen.plan.model import Value
from envgen.plan.texts import Texts
from envgen.source import Data, Problem, Route

LOOPBACK = "127.0.0.1"
_SHORT = re.compile(
    r"^(?:(?P<ip>[0-9.]+|\[[0-9a-fA-F:]+\]):)?(?:(?P<published>[0-9]*):)?(?P<target>[0-9]+)(?:/(?P<protocol>tcp|udp|sctp))?$"
)
_BRACED = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortVariable:
    """The variable that moves a published port."""

    name: str
    default: str
    target: str
    host_ip: str
    protocol: str
    route: Route


@dataclass(frozen=True, slots=True)
class Ports:
    """A service's `ports` as compose takes them, and the variables in them."""

    values: tuple[Value, ...]
    variables: tuple[PortVariable, ...]


def plan_ports(draft: Draft, texts: Texts) -> Ports:
    """The published ports of a service; those of an unmanaged one stay as they are written."""
    raw = draft.raw.get("ports")
    route: Route = (*draft.route, "ports")
    entries = raw if isinstance(raw, list) else []
    if not draft.managed:
        return Ports(tuple(texts.value(entry, (*route, index), draft) for index, entry in enumerate(entries)), ())
    values: list[Value] = []
    variables: list[PortVariable] = []
    for index, entry in enumerate(entries):
        place = (*route, index)
        long = entry if isinstance(entry, dict) else _long_form(entry)
        if long is None:
            values.append(_on_loopback(texts.text(str(entry), place, draft)))
            continue
        value = texts.value({key: item for key, item in long.items() if item is not None}, place, draft)
        published = long.get("published")
        if isinstance(value, dict):
            value.setdefault("host_ip", LOOPBACK)
            number = str(published) if isinstance(published, int | str) else ""
            if number.isdecimal():
                variable = _variable(draft, long, number, place, first=not variables)
                variables.append(variable)
                value["published"] = Interpolated((_interpolation(variable),))
            elif published is not None and isinstance(published, int | float):
                value["published"] = str(published)
        values.append(value)
    return Ports(tuple(values), tuple(variables))


def check_matrix_ports(draft: Draft, written: Data, problems: Problems) -> None:
    """One fixed host port can't serve several variants."""
    for index, entry in enumerate(written if isinstance(written, list) else ()):
        long = entry if isinstance(entry, dict) else _long_form(entry)
        published = long.get("published") if long else None
        if isinstance(published, int | str) and str(published).isdecimal() and str(published) != "0":
            names = ", ".join(f"{draft.variant}: {published}" if i == 0 else "..." for i in range(2))
            problems.append(
                Problem(
                    code=codes.MATRIX,
                    route=(*draft.route, "ports", index),
                    message=f"all variants of `{draft.group}` would publish the host port {published}",
                    hint=f"write one for each: published: {{{names}}}",
                )
            )


def _long_form(entry: Data) -> dict[str, Data] | None:
    """The long form of a short one; None where it has a range or an interpolation in it."""
    match = _SHORT.match(str(entry)) if isinstance(entry, str | int) and not isinstance(entry, bool) else None
    if match is None:
        return None
    ip, published = match["ip"], match["published"]
    return {
        "target": int(match["target"]),
        "published": published or None,
        "host_ip": ip.strip("[]") if ip else None,
        "protocol": match["protocol"],
    }


def _on_loopback(short: Text) -> Value:
    """A short form with `127.0.0.1:` before it where it names no address."""
    spelled = short if isinstance(short, str) else "".join(p if isinstance(p, str) else p.text for p in short.parts)
    if "[" in spelled or _BRACED.sub("", spelled).count(":") > 1:
        return short
    published = ":" in _BRACED.sub("", spelled)
    head = f"{LOOPBACK}:" if published else f"{LOOPBACK}::"
    return join([head, *((short,) if isinstance(short, str) else short.parts)])


def _variable(draft: Draft, long: dict[str, Data], number: str, route: Route, *, first: bool) -> PortVariable:
    base = re.sub(r"[^A-Z0-9]", "_", draft.name.upper())
    base = f"_{base}" if base[:1].isdigit() else base
    protocol = long.get("protocol")
    suffix = (
        ""
        if first
        else f"_{long.get('target')}" + (f"_{str(protocol).upper()}" if protocol not in (None, "tcp") else "")
    )
    return PortVariable(
        name=f"{base}_PORT{suffix}",
        default=number,
        target=str(long.get("target")),
        host_ip=str(long.get("host_ip") or LOOPBACK),
        protocol=str(protocol or "tcp"),
        route=route,
    )


def _interpolation(variable: PortVariable) -> Interpolation:
    return Interpolation(f"${{{variable.name}:-{variable.default}}}", variable.name, ":-", variable.default)
