"""Compose data as plan values: strings become literal and interpolated parts, envgen's references are resolved."""

from collections.abc import Mapping
from dataclasses import dataclass

from envgen import codes, suggest
from envgen.interpolation import Interpolated, Interpolation, InterpolationError, Reference, Text, join, parse
from envgen.plan.draft import Draft, Problems
from envgen.plan.model import Value
from envgen.source import Data, Problem, Route

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
        """Data as compose would take it; keys that start with `x-` hold text that is passed on as it is."""
        if isinstance(data, str):
            return self.text(data, route, referrer)
        if isinstance(data, list):
            return [self.value(item, (*route, index), referrer) for index, item in enumerate(data)]
        if isinstance(data, dict):
            return {
                key: verbatim(item) if key.startswith("x-") else self.value(item, (*route, key), referrer)
                for key, item in data.items()
            }
        return data

    def text(self, raw: str, route: Route, referrer: Draft | None = None) -> Text:
        """One string; one that can't be read is a problem, and comes back as it is."""
        if "$" not in raw:
            return raw
        try:
            return parse(raw, lambda reference: self._resolve(reference, referrer))
        except InterpolationError as error:
            hint = "write `$$` for a dollar that is none of compose's"
            self.problems.append(Problem(code=codes.INTERPOLATION, route=route, message=str(error), hint=hint))
        except _UnresolvedError as error:
            self.problems.append(
                Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=str(error), hint=error.hint)
            )
        return raw

    def _resolve(self, reference: Reference, referrer: Draft | None) -> Text:
        spelling = f"${{{reference.service}.{reference.attribute}}}"
        if reference.attribute not in _ATTRIBUTES:
            raise _UnresolvedError(
                f"{spelling}: a service has no `{reference.attribute}`", suggest.hint(reference.attribute, _ATTRIBUTES)
            )
        target = self._target(reference, spelling, referrer)
        if reference.attribute == "host":
            return target.name
        port = port_of(target)
        if port is None:
            raise _UnresolvedError(f"{spelling}: `{target.name}` has no port that is known", "write the port itself")
        return str(port) if reference.attribute == "port" else self._url(target, port)

    def _target(self, reference: Reference, spelling: str, referrer: Draft | None) -> Draft:
        target = self.services.get(reference.service)
        if target is not None:
            return target
        members = self.groups.get(reference.service)
        if members is None:
            hint = suggest.hint(reference.service, [*self.services, *self.groups])
            raise _UnresolvedError(f"{spelling}: there is no service `{reference.service}`", hint)
        if referrer is not None and referrer.variant is not None:
            siblings = self.groups[referrer.group]
            if [draft.variant for draft in siblings] == [draft.variant for draft in members]:
                return next(draft for draft in members if draft.variant == referrer.variant)
        names = ", ".join(f"`{draft.name}`" for draft in members)
        raise _UnresolvedError(f"{spelling}: `{reference.service}` is a group", f"name one of its members: {names}")

    def _url(self, target: Draft, port: int) -> Text:
        if target.preset is None:
            return f"http://{target.name}:{port}"
        environment = target.raw.get("environment")
        names: dict[str, Text] = {"host": target.name, "port": str(port)}
        for key, value in environment.items() if isinstance(environment, dict) else ():
            names[key] = parse(value) if isinstance(value, str) else str(value)
        return _filled(target.preset.url, names)


def verbatim(data: Data) -> Value:
    """Data whose strings are compose's own business: written as they are."""
    if isinstance(data, str):
        return Interpolated((Interpolation(data, ""),))
    if isinstance(data, list):
        return [verbatim(item) for item in data]
    if isinstance(data, dict):
        return {key: verbatim(item) for key, item in data.items()}
    return data


def port_of(draft: Draft) -> int | None:
    """The port that others reach a service on: its preset's, else the first of `ports` or `expose`."""
    if draft.preset is not None:
        return draft.preset.port
    exposed = draft.raw.get("expose")
    for port in (*(draft.raw.get("ports") or ()), *(exposed if isinstance(exposed, list) else ())):  # type: ignore[misc]
        number = port_target(port)
        if number is not None:
            return number
    return None


def port_target(port: Data) -> int | None:
    """The container's port of an entry of `ports` or `expose`, where it is one known number."""
    target = port.get("target") if isinstance(port, dict) else port
    text = str(target).rsplit("/", 1)[0].rsplit(":", 1)[-1]
    return int(text) if text.isdecimal() and not isinstance(target, bool) else None


def _filled(template: str, names: Mapping[str, Text]) -> Text:
    parts: list[str | Interpolation] = []
    rest = template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        value = names.get(name, "")
        parts += [before, *((value,) if isinstance(value, str) else value.parts)]
    return join([*parts, rest])
