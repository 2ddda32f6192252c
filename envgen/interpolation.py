r"""Compose's interpolation: a string as literal and interpolated parts.

Grammar of https://docs.docker.com/reference/compose-file/interpolation/ as compose-go implements it
(template/template.go): `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?error}`, `${NAME?error}`,
`${NAME:+replacement}`, `${NAME+replacement}`, nested in defaults, and `$$` for a literal dollar. envgen's own
references `${service.host}` have a dot, which no compose name holds; but a default may (`${HOST-db.example}`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_REFERENCE = re.compile(r"\$\{([a-zA-Z0-9._-]+)\.([a-z]+(?:_[a-z]+)*)\}")
_DEEPEST = 50  # interpolations inside of each other; real files have three
_OPERATORS = (":-", "-", ":?", "?", ":+", "+")


@dataclass(frozen=True, slots=True)
class Interpolation:
    """A part that compose replaces; `text` is compose's own spelling, `$NAME` or `${NAME...}`."""

    text: str
    name: str
    operator: str = ""
    operand: str = ""  # the default, error or replacement, still in compose's spelling


@dataclass(frozen=True, slots=True)
class Reference:
    """`${service.attribute}`: resolved in the plan.

    `otherwise` is compose's reading, where it has one (`${web-api.host}` is also WEB with a default): it holds unless
    there is such a service.
    """

    service: str
    attribute: str
    otherwise: Interpolation | None = None


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A string of which compose replaces something: literal parts are plain (unescaped) text.

    With a `spelling` it is written as that, which says the same: compose shows a `$` before a blank or a bracket as it
    is written, single or double, where it is asked not to interpolate.
    """

    parts: tuple[str | Interpolation, ...]
    spelling: str | None = None

    @property
    def default(self) -> str | None:
        """The text that it has under an empty environment, or None where that is not known or an error."""
        found: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                found.append(part)
                continue
            operand = parse(part.operand) if part.operator in (":-", "-") else None
            text = operand.default if isinstance(operand, Interpolated) else operand
            if text is None:
                return None
            found.append(text)
        return "".join(found)

    @property
    def interpolations(self) -> Iterator[Interpolation]:
        """The parts that compose replaces, those inside of operands, too."""
        for part in self.parts:
            if isinstance(part, Interpolation):
                yield from _with_nested(part)


Text = str | Interpolated
"""A compose string in the plan: a plain `str` is a literal and arrives in the container as that very string."""


class InterpolationError(ValueError):
    """Compose would refuse the string; `offset` is where (0-based character)."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parse(raw: str, resolve: Callable[[Reference], Text] | None = None) -> Text:
    """A string in compose's spelling as literal and interpolated parts.

    `resolve` gives the text of an envgen reference; without it a reference is an error. Raises InterpolationError.
    """
    if "$" not in raw:
        return raw
    if raw.count("${") > _DEEPEST:
        _check_depth(raw)
    parts: list[str | Interpolation] = []
    for dollar, part in _scan(raw):
        if not isinstance(part, Reference):
            parts.append(part)
        elif resolve is None and part.otherwise is not None:
            parts.append(part.otherwise)
        elif resolve is None:
            raise InterpolationError(f"`${{{part.service}.{part.attribute}}}` can't be used here", dollar)
        else:
            value = resolve(part)
            parts.extend((value,) if isinstance(value, str) else value.parts)
    return join(parts)


def join(parts: list[str | Interpolation]) -> Text:
    """Parts as one text: neighbouring literals are merged, and a text of literals only is a `str`."""
    merged: list[str | Interpolation] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        elif part != "":
            merged.append(part)
    if any(isinstance(part, Interpolation) for part in merged):
        return Interpolated(tuple(merged))
    return "".join(part for part in merged if isinstance(part, str))


def spelled(text: Text, raw: str) -> Text:
    """A text that was read from `raw`, to be written just so where `escape` would write the same otherwise.

    A text with a resolved reference in it is no longer what was written, and stays as it is.
    """
    if escape(text) == raw:
        return text
    try:
        unresolved = parse(raw)
    except InterpolationError:
        return text  # with a reference that compose couldn't read
    if unresolved != text:
        return text
    return Interpolated((text,) if isinstance(text, str) else text.parts, raw)


def escape(text: Text) -> str:
    """The compose spelling of a text: the one escaper of the compose target."""
    if isinstance(text, Interpolated) and text.spelling is not None:
        return text.spelling
    if isinstance(text, str):
        return text.replace("$", "$$")
    return "".join(part.replace("$", "$$") if isinstance(part, str) else part.text for part in text.parts)


def _scan(raw: str) -> Iterator[tuple[int, str | Interpolation | Reference]]:
    """The parts of a string, each with where it starts."""
    position = 0
    while (dollar := raw.find("$", position)) >= 0:
        if dollar > position:
            yield position, raw[position:dollar]
        reference = _REFERENCE.match(raw, dollar)
        if raw.startswith("$$", dollar):
            yield dollar, "$"
            position = dollar + 2
        elif reference:
            name = _NAME.match(reference[1])
            compose = _braced(raw, dollar) if name and reference[1][name.end() :].startswith("-") else None
            yield dollar, Reference(reference[1], reference[2], compose)
            position = reference.end()
        else:
            part = _braced(raw, dollar) if raw.startswith("${", dollar) else _named(raw, dollar)
            yield dollar, part
            position = dollar + len(part.text if isinstance(part, Interpolation) else part)
    if position < len(raw):
        yield position, raw[position:]


def _check_depth(raw: str) -> None:
    depth = 0
    for match in re.finditer(r"\$\{|\}", raw):
        depth = depth + 1 if match[0] == "${" else max(depth - 1, 0)
        if depth > _DEEPEST:
            message = f"interpolations stand inside of each other more than {_DEEPEST} deep"
            raise InterpolationError(message, match.start())


def _named(raw: str, dollar: int) -> Interpolation | str:
    name = _NAME.match(raw, dollar + 1)
    if not name:
        return "$"  # compose takes a `$` before anything else as it is (seen with docker-compose 5.6.1)
    return Interpolation(raw[dollar : name.end()], name[0])


def _braced(raw: str, dollar: int) -> Interpolation:
    end = _closing_brace(raw, dollar)
    if end < 0:
        raise InterpolationError("the `${` has no closing `}`", dollar)
    text, inner = raw[dollar : end + 1], raw[dollar + 2 : end]
    name = _NAME.match(inner)
    if not name:
        raise InterpolationError(f"`{text}` names no variable", dollar)
    rest = inner[name.end() :]
    if not rest:
        return Interpolation(text, name[0])
    operator = next((operator for operator in _OPERATORS if rest.startswith(operator)), None)
    if operator is None:
        raise InterpolationError(f"`{text}` is no form of interpolation that compose knows", dollar)
    operand = rest[len(operator) :]
    try:
        parse(operand)
    except InterpolationError as error:
        raise InterpolationError(str(error), dollar + 2 + name.end() + len(operator) + error.offset) from None
    return Interpolation(text, name[0], operator, operand)


def _closing_brace(raw: str, start: int) -> int:
    """The index of the `}` that closes the `${` at `start`, or -1.

    As docker-compose 5.6.1 finds it: on the same line; each `{` nests, and hides the character after it; where braces
    don't balance, the last `}` of the line is taken.
    """
    line_end = raw.find("\n", start)
    last = raw.rfind("}", start, line_end if line_end >= 0 else len(raw))
    depth, position = 0, start
    while position <= last:
        if raw[position] == "}":
            depth -= 1
            if depth == 0:
                return position
        elif raw[position] == "{":
            depth += 1
            position += 1
        position += 1
    return last


def _with_nested(part: Interpolation) -> Iterator[Interpolation]:
    yield part
    nested = parse(part.operand)
    if isinstance(nested, Interpolated):
        yield from nested.interpolations
