"""Compose data as plan values: strings become literal and interpolated parts, envgen's references are resolved."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from urllib.parse import quote

from envgen import codes, suggest
from envgen.interpolation import (
    Interpolated,
    Interpolation,
    InterpolationError,
    Reference,
    Text,
    escape,
    join,
    parse,
    spelled,
)
from envgen.plan.draft import Draft, Problems
from envgen.plan.entries import port_entry
from envgen.plan.model import Value
from envgen.plan.typed import interpolation, is_file, scalar_text
from envgen.presets import Preset
from envgen.source import Data, Problem, Route
from envgen.spec.shapes import Scalar
from envgen.spec.variable import Variable

_ATTRIBUTES = ("host", "port", "url")


class _UnresolvedError(Exception):
    def __init__(self, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Texts:
    """Turns data into values for one project: knows every service, and gathers what can't be turned."""

    services: Mapping[str, Draft]
    groups: Mapping[str, tuple[Draft, ...]]
    problems: Problems

    def value(self, data: Data, route: Route, referrer: Draft | None = None) -> Value:
        """Data as compose would take it; in a value below a key `x-...` nothing is a problem."""
        if isinstance(data, str):
            return self._own_text(data, referrer) if _is_own(route) else self.text(data, route, referrer)
        if isinstance(data, list):
            return [self.value(item, (*route, index), referrer) for index, item in enumerate(data)]
        if isinstance(data, dict):
            return {key: self.value(item, (*route, key), referrer) for key, item in data.items()}
        return data

    def text(self, raw: str, route: Route, referrer: Draft | None = None) -> Text:
        """One string; one that can't be read is a problem, and comes back as it is."""
        if "\x00" in raw:
            self.problems.append(
                Problem(code=codes.INVALID_VALUE, route=route, message="no container can be given a NUL")
            )
        if "$" not in raw:
            return raw
        try:
            text = self._parsed(raw, referrer)
        except InterpolationError as error:
            hint = "write `$$` for a dollar that is none of compose's"
            self.problems.append(Problem(code=codes.INTERPOLATION, route=route, message=str(error), hint=hint))
        except _UnresolvedError as error:
            self.problems.append(
                Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=str(error), hint=error.hint)
            )
        else:
            return text
        return raw

    def _parsed(self, raw: str, referrer: Draft | None) -> Text:
        text = parse(raw, lambda reference: self._resolve(reference, referrer))
        if isinstance(text, Interpolated) and parse(escape(text)) != text:
            raise InterpolationError("compose would read this text otherwise once its references are filled in", 0)
        return spelled(text, raw)

    def _own_text(self, raw: str, referrer: Draft | None) -> Text:
        # often there for its anchor only, and its text may be envgen's; but compose reads what is written out
        try:
            return spelled(parse(raw, lambda reference: self._resolve(reference, referrer)), raw)
        except (InterpolationError, _UnresolvedError):
            return raw

    def sibling(self, group: str, referrer: Draft | None) -> Draft | None:
        """The member of a group that has the referrer's variant, where both have the same matrix."""
        if referrer is None or referrer.variant is None:
            return None
        members = {draft.variant: draft for draft in self.groups[group]}
        same = members.keys() == {draft.variant for draft in self.groups[referrer.group]}
        return members[referrer.variant] if same else None

    def _resolve(self, reference: Reference, referrer: Draft | None) -> Text:
        spelling = f"${{{reference.service}.{reference.attribute}}}"
        if reference.otherwise is not None and not self._knows(reference.service):
            return Interpolated((reference.otherwise,))
        target = self._target(reference, spelling, referrer)
        known = _attributes(target)
        if reference.attribute not in known:
            raise _UnresolvedError(
                f"{spelling}: a service has no `{reference.attribute}`", suggest.hint(reference.attribute, known)
            )
        if reference.attribute == "host":
            return target.name
        if reference.attribute not in _ATTRIBUTES and target.preset is not None:
            return self._named(target, target.preset, reference.attribute, spelling)
        port = port_of(target)
        if port is None:
            raise _UnresolvedError(f"{spelling}: `{target.name}` has no port that is known", "write the port itself")
        if reference.attribute == "port":
            return str(port)
        if target.preset is None:
            return f"http://{target.name}:{port}"
        if target.preset.url is None:
            hint = f"write ${{{target.name}.host}}:${{{target.name}.port}}"
            raise _UnresolvedError(f"{spelling}: {target.preset.name} is not reached by a URL", hint)
        return self._url(target, target.preset.url, port, spelling)

    def _named(self, target: Draft, preset: Preset, attribute: str, spelling: str) -> Text:
        """A further port of a preset, or a URL on it."""
        name, _, kind = attribute.rpartition("_")
        if kind == "port":
            return str(preset.ports[name])
        return self._url(target, preset.urls[name], preset.ports.get(name, preset.port), spelling)

    def _knows(self, name: str) -> bool:
        return name in self.services or name in self.groups

    def _target(self, reference: Reference, spelling: str, referrer: Draft | None) -> Draft:
        target = self.services.get(reference.service)
        if target is not None:
            return target
        members = self.groups.get(reference.service)
        if members is None:
            hint = suggest.hint(reference.service, [*self.services, *self.groups])
            raise _UnresolvedError(f"{spelling}: there is no service `{reference.service}`", hint)
        member = self.sibling(reference.service, referrer)
        if member is not None:
            return member
        names = ", ".join(f"`{draft.name}`" for draft in members)
        raise _UnresolvedError(f"{spelling}: `{reference.service}` is a group", f"name one of its members: {names}")

    def _url(self, target: Draft, url: str, port: int, spelling: str) -> Text:
        environment = target.model.environment
        parts: list[str | Interpolation] = []
        for literal, name, _, _ in Formatter().parse(url):
            parts.append(literal)
            if name in ("host", "port"):
                parts.append(target.name if name == "host" else str(port))
            elif name:
                entry = environment.get(name) if isinstance(environment, Mapping) else None
                value = _known_value(name, entry)
                if value is None:
                    raise _UnresolvedError(*_unknown_part(spelling, target.name, name, environment))
                encoded = _encoded(value)
                parts += [encoded] if isinstance(encoded, str) else encoded.parts
        return join(parts)


def _unknown_part(spelling: str, service: str, name: str, environment: object) -> tuple[str, str]:
    """What is wrong where a URL needs a variable that compose doesn't know, and what to do."""
    written = environment if isinstance(environment, Mapping) else {}
    entry = written.get(name)
    if f"{name}_FILE" in written or (isinstance(entry, Variable) and is_file(entry)):
        return (
            f"{spelling}: `{name}` of `{service}` is a secret in a file, which no URL can hold",
            "give the app the secret's file, too, and have it put the URL together; or `deliver: env`",
        )
    return f"{spelling}: `{service}` has no `{name}` that is known", "write the URL itself"


def _encoded(text: Text) -> Text:
    """A text as a part of a URL: all that is known of it percent-encoded, defaults of variables, too."""
    if isinstance(text, str):
        return quote(text, safe="")
    parts = (quote(part, safe="") if isinstance(part, str) else _encoded_part(part) for part in text.parts)
    return Interpolated(tuple(parts))


def _encoded_part(part: Interpolation) -> Interpolation:
    if part.operator not in (":-", "-", ":+", "+"):
        return part
    operand = escape(_encoded(parse(part.operand)))
    return Interpolation(f"${{{part.name}{part.operator}{operand}}}", part.name, part.operator, operand)


def _attributes(target: Draft) -> tuple[str, ...]:
    if target.preset is None:
        return _ATTRIBUTES
    ports, urls = target.preset.ports, target.preset.urls
    return (*_ATTRIBUTES, *(f"{name}_port" for name in ports), *(f"{name}_url" for name in urls))


def _known_value(name: str, entry: "Variable | Scalar") -> Text | None:
    """A variable's value as far as compose knows it; None where only the container does."""
    if isinstance(entry, Variable):
        if is_file(entry):
            return None
        if entry.value is None:
            return interpolation(name, entry)
        entry = entry.value
    if entry is None:
        return None
    try:
        return parse(scalar_text(entry))
    except InterpolationError:
        return None


def _is_own(route: Route) -> bool:
    return any(isinstance(key, str) and key.startswith("x-") for key in route)


def port_of(draft: Draft) -> int | None:
    """The port that others reach a service on: its preset's, else the first of `ports` or `expose`."""
    if draft.preset is not None:
        return draft.preset.port
    for key in ("ports", "expose"):
        entries = draft.raw.get(key)
        for entry in entries if isinstance(entries, list) else ():
            first = (port_entry(entry).target or "").partition("-")[0]
            if first.isdecimal():
                return int(first)
    return None
