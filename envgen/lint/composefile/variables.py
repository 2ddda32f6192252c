"""Compose's variables: what `${NAME}` in a compose file becomes, as far as that can be known from the files alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import is_not

from envgen import interpolation
from envgen.interpolation import Interpolation
from envgen.source import Data, Route

# set in every shell: what they hold can't be known, but they are no blanks
AMBIENT: Mapping[str, str] = {
    "HOME": "/root",
    "LOGNAME": "root",
    "PATH": "/bin",
    "PWD": "/",
    "SHELL": "/bin/sh",
    "USER": "root",
}
_DEFAULTS = (":-", "-")
_REQUIRED = (":?", "?")
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Note:
    """What interpolation stumbled over at a route: `kind` is the rule's name, `text` what stands in the file."""

    kind: str
    route: Route
    text: str
    message: str
    hint: str


@dataclass(slots=True)
class Interpolator:
    """Replaces the variables of a file's data.

    What is neither in `known` nor has a default stays as `${NAME}`; if `is_strict`, it becomes what compose makes of
    it: nothing. `notes` collects what was found on the way; `has_unknown` tells whether anything stayed.
    """

    known: Mapping[str, str]
    is_strict: bool = False
    notes: list[Note] = field(default_factory=list)
    has_unknown: bool = False
    _route: Route = ()

    def data(self, value: Data, route: Route = ()) -> Data:
        """The data with its variables replaced; what holds none is the same object as before."""
        match value:
            case dict():
                changed = {key: new for key, item in value.items() if (new := self._item(item, route, key)) is not item}
                return {**value, **changed} if changed else value
            case list():
                items = [self._item(item, route, index) for index, item in enumerate(value)]
                return items if any(map(is_not, items, value)) else value
            case str() if "$" in value:
                return self.text(value, route)
            case _:
                return value

    def _item(self, item: Data, route: Route, key: str | int) -> Data:
        if item.__class__ is str:
            return self.text(item, (*route, key)) if "$" in item else item
        if item.__class__ is dict or item.__class__ is list:
            return self.data(item, (*route, key))
        return item

    def text(self, raw: str, route: Route) -> str:
        """A text with its variables replaced."""
        self._route = route
        return self._substitute(raw)

    def _substitute(self, raw: str) -> str:
        try:
            parsed = _parsed(raw)
        except interpolation.InterpolationError as error:
            hint = "write `$$` where you mean a dollar sign"
            self.notes.append(Note("invalid-interpolation", self._route, raw[error.offset :][:80], str(error), hint))
            return raw
        if isinstance(parsed, str):
            return parsed
        return "".join(part if isinstance(part, str) else self._value(part) for part in parsed.parts)

    def _value(self, part: Interpolation) -> str:
        name, operator = part.name, part.operator
        if name in AMBIENT:
            if not self.is_strict:
                self.has_unknown = True
                return part.text
            value: str | None = AMBIENT[name]
        else:
            value = self.known.get(name)
        is_there = value is not None and (bool(value) or not operator.startswith(":"))
        if operator in _DEFAULTS and not is_there:
            return self._substitute(part.operand)
        if operator in (":+", "+"):
            return self._substitute(part.operand) if is_there else value or ""
        if is_there:
            return value or ""
        if operator in _REQUIRED:
            self._note_required(part)
        elif value is None:
            message = f"the variable `{name}` is not set, and compose takes an empty text for it"
            hint = f"set it in `.env`, or give it a default: `${{{name}:-...}}`"
            self.notes.append(Note("unset-variable", self._route, part.text, message, hint))
        if self.is_strict or value is not None:
            return value or ""
        self.has_unknown = True
        return part.text

    def _note_required(self, part: Interpolation) -> None:
        reason = f": {part.operand}" if part.operand else ""
        message = f"the variable `{part.name}` has to be set, and is not{reason}"
        hint = f"set it in `.env`, or export `{part.name}` before compose runs"
        self.notes.append(Note("required-variable", self._route, part.text, message, hint))


@lru_cache(maxsize=4096)
def _parsed(raw: str) -> interpolation.Text:
    """The parts of a text; raises InterpolationError, also for what is nested deeper than Python could follow."""
    if raw.count("${") > _DEEPEST:
        depth = 0
        for character in raw:
            depth += (character == "{") - (character == "}")
            if depth > _DEEPEST:
                raise interpolation.InterpolationError("variables are nested too deep", 0)
    return interpolation.parse(raw)
