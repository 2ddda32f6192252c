"""Published ports: on loopback where nothing else is written, and movable by a variable."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from envgen import codes
from envgen.interpolation import Interpolated, Interpolation, InterpolationError, Text, join, parse
from envgen.plan.addresses import overlap
from envgen.plan.draft import Draft, Problems
from envgen.plan.entries import PortEntry, port_entry
from envgen.plan.model import Value
from envgen.plan.texts import Texts
from envgen.source import Data, Problem, Route
from envgen.spec.variable import Variable

LOOPBACK = "127.0.0.1"
_LARGEST_RANGE = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class PortVariable:
    """The variable that moves a published port."""

    name: str
    default: str
    target: str
    route: Route


@dataclass(frozen=True, slots=True)
class Ports:
    """A service's `ports` as compose takes them, and the variables in them."""

    values: tuple[Value, ...]
    variables: tuple[PortVariable, ...]


def plan_ports(draft: Draft, texts: Texts, taken: Collection[str]) -> Ports:
    """The published ports of a service; those of an unmanaged one stay as they are written.

    `taken` holds the names that no variable may get.
    """
    route: Route = (*draft.route, "ports")
    values: list[Value] = []
    variables: list[PortVariable] = []
    first = next((index for index, entry in enumerate(_entries(draft)) if port_entry(entry).published != ""), 0)
    for index, entry in enumerate(_entries(draft)):
        place = (*route, index)
        if not draft.managed:
            values.append(texts.value(entry, place, draft))
            continue
        known = port_entry(entry)
        long = _long_form(entry, known)
        if long is None:
            values.append(_on_loopback(texts.text(str(entry), place, draft), known))
            continue
        value = texts.value({key: item for key, item in long.items() if item is not None}, place, draft)
        if isinstance(value, dict):
            value["host_ip"] = value.get("host_ip") or LOOPBACK
            if known.published and known.published.isdecimal() and int(known.published):
                others = {*taken, *(variable.name for variable in variables)}
                name = _variable_name(draft, known, others, is_first=index == first)
                variables.append(
                    PortVariable(name=name, default=known.published, target=known.target or "", route=place)
                )
                value["published"] = Interpolated(
                    (Interpolation(f"${{{name}:-{known.published}}}", name, ":-", known.published),)
                )
            elif isinstance(value.get("published"), int | float):
                value["published"] = str(value["published"])
        values.append(value)
    return Ports(tuple(values), tuple(variables))


def taken_names(drafts: Sequence[Draft], texts: Texts) -> frozenset[str]:
    """Names of variables that have a meaning of their own already: typed ones, and those in `ports`."""
    found: set[str] = set()
    for draft in drafts:
        environment = draft.model.environment
        if isinstance(environment, Mapping):
            found |= {name for name, entry in environment.items() if isinstance(entry, Variable)}
        for index, entry in enumerate(_entries(draft)):
            for text in entry.values() if isinstance(entry, dict) else (entry,):
                parsed = texts.text(text, (*draft.route, "ports", index), draft) if isinstance(text, str) else ""
                if isinstance(parsed, Interpolated):
                    found |= {part.name for part in parsed.interpolations}
    return frozenset(found)


def check_ports(drafts: Sequence[Draft], variables: Mapping[str, Sequence[PortVariable]], problems: Problems) -> None:
    """Two services can't publish one host port, nor be moved by one variable; `variables` are those by service."""
    owners: dict[str, str] = {}
    for service, entries in variables.items():
        for variable in entries:
            owner = owners.setdefault(variable.name, service)
            if owner != service:
                message = f"the ports of `{owner}` and `{service}` would both be set by {variable.name}"
                hint = f"write the variable yourself: ${{ANOTHER_NAME:-{variable.default}}}:{variable.target}"
                problems.append(Problem(code=codes.NAME_CLASH, route=variable.route, message=message, hint=hint))
    seen: dict[tuple[int, str], list[_Publication]] = {}
    for draft in drafts:
        for publication in _publications(draft):
            for number in range(publication.first, publication.last + 1):
                others = seen.setdefault((number, publication.protocol), [])
                clash = next((other for other in others if _clash(publication, other)), None)
                others.append(publication)
                if clash is not None:
                    problems.append(_same_port(clash, publication, number))
                    break


@dataclass(frozen=True, slots=True, kw_only=True)
class _Publication:
    draft: Draft
    entry: Data
    host_ip: str
    first: int
    last: int
    protocol: str
    route: Route


def _publications(draft: Draft) -> Iterator[_Publication]:
    """The host ports of a service, those of variables by their defaults; not those that Docker picks, or discards."""
    if draft.raw.get("network_mode") in ("host", "none"):
        return
    for index, entry in enumerate(_entries(draft)):
        known = port_entry(_by_default(entry))
        match = re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", known.published or "")
        if match is None or known.host_ip is None or known.protocol is None:
            continue
        first, last = int(match[1]), int(match[2] or match[1])
        target = known.target or ""
        if first == 0 or (match[2] and "-" not in target) or last - first > _LARGEST_RANGE:
            continue  # of a range for one port, Docker picks a free one
        yield _Publication(
            draft=draft,
            entry=entry,
            host_ip=known.host_ip or (LOOPBACK if draft.managed else ""),
            first=first,
            last=last,
            protocol=known.protocol,
            route=(*draft.route, "ports", index),
        )


def _by_default(entry: Data) -> Data:
    """An entry with the defaults of its variables; unchanged where one has none."""
    if isinstance(entry, dict):
        return {key: _by_default(item) for key, item in entry.items()}
    try:
        text = parse(entry) if isinstance(entry, str) else entry
    except InterpolationError:  # also a reference of envgen's
        return entry
    default = text.default if isinstance(text, Interpolated) else None
    return entry if default is None else default


def _clash(one: _Publication, other: _Publication) -> bool:
    """Whether two of a number and protocol get into each other's way, as far as it is envgen's to say."""
    if not (one.draft.managed or other.draft.managed):
        return False  # compose takes it, so a compose file that says so is fine here, too
    if one.draft.group == other.draft.group and one.entry == other.entry and one.draft is not other.draft:
        return False  # a problem of the matrix, said there
    profiles, others = (entry.draft.raw.get("profiles") or [] for entry in (one, other))
    together = set(map(str, _list(profiles))) & set(map(str, _list(others))) or not (profiles or others)
    return bool(together) and overlap(one.host_ip, other.host_ip)


def _same_port(one: _Publication, other: _Publication, number: int) -> Problem:
    if one.draft is other.draft:
        message = f"`{one.draft.name}` would publish the host port {number} twice"
    else:
        message = f"`{one.draft.name}` and `{other.draft.name}` would both publish the host port {number}"
    hint = "give one of them another `published`"
    return Problem(code=codes.NAME_CLASH, route=other.route, message=message, hint=hint)


def _long_form(entry: Data, known: PortEntry) -> dict[str, Data] | None:
    """The long form of an entry; None where it has a range or an interpolation in it."""
    if isinstance(entry, dict):
        return entry
    target, published = known.target, known.published
    if target is None or published is None or known.host_ip is None or not target.isdecimal():
        return None
    if published and not published.isdecimal():
        return None
    return {
        "target": int(target),
        "published": published or None,
        "host_ip": known.host_ip or None,
        "protocol": known.protocol if "/" in str(entry) else None,
    }


def _on_loopback(short: Text, known: PortEntry) -> Value:
    """A short form with `127.0.0.1:` before it where it names no address."""
    if known.host_ip != "":
        return short
    head = f"{LOOPBACK}:" if known.published != "" else f"{LOOPBACK}::"
    return join([head, *((short,) if isinstance(short, str) else short.parts)])


def _variable_name(draft: Draft, known: PortEntry, taken: Collection[str], *, is_first: bool) -> str:
    """`API_PORT` for the first, `API_PORT_9229` for further ones; never a name that is taken."""
    base = re.sub(r"[^A-Z0-9]", "_", draft.name.upper())
    base = f"_{base}" if base[:1].isdigit() else base
    protocol = "" if known.protocol in ("tcp", None) else f"_{known.protocol.upper()}"
    suffix = "" if is_first else f"_{known.target}{protocol}"
    for name in (f"{base}_PORT{suffix}", f"{base}_HOST_PORT{suffix}"):
        if name not in taken:
            return name
    return f"{base}_HOST_PORT_{known.target}{protocol}_{known.published}"


def _entries(draft: Draft) -> list[Data]:
    return _list(draft.raw.get("ports"))


def _list(value: Data) -> list[Data]:
    return value if isinstance(value, list) else []
