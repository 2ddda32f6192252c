"""Parameters of a spec: `${{ parameters.NAME }}` in its data becomes the value that is set, or the default.

The spelling means nothing elsewhere: compose refuses `${{`, a shell does, Go's templates start without a dollar, and
envgen's references hold no brace. What is filled in is data: it is not looked at again, and makes no new key or line.
A value that is nothing but the parameter keeps its type; inside of a text it is written out. `$${{` stays as it is.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from envgen import codes, suggest
from envgen.compose_schema import alternatives, describe
from envgen.source import Data, Problem, Route
from envgen.spec.composed import Parameter

_PLACEHOLDER = re.compile(r"(?<!\$)(?P<before>(?:\$\$)*)\$\{\{(?P<inside>[^{}]*)\}\}")
_REFERENCE = re.compile(r"\s*parameters\.([A-Za-z_][A-Za-z0-9_-]*)\s*")
_MAX_PORT = 65535
_FORM = "write ${{ parameters.NAME }}, or $${{ for the text itself"


def _is_number(value: Data) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Data) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, tuple[str, Callable[[Data], bool]]] = {
    "string": ("text", lambda value: isinstance(value, str)),
    "int": ("a whole number", _is_whole),
    "number": ("a number", _is_number),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "port": ("a port, 1 to 65535", lambda value: _is_whole(value) and 0 < int(str(value)) <= _MAX_PORT),
    "url": ("a URL such as https://example.com", lambda value: bool(re.match(r"[a-z][a-z0-9+.-]*://", str(value)))),
    "path": ("a path", lambda value: isinstance(value, str) and value != ""),
    "list": ("a list", lambda value: isinstance(value, list)),
    "map": ("a map", lambda value: isinstance(value, dict)),
}


@dataclass(slots=True)
class Filled:
    """A file's data with its parameters filled in; `keys` are the written forms of keys that changed."""

    data: Data = None
    keys: dict[Route, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def check_given(given: Mapping[str, Data], declared: Mapping[str, Parameter], route: Route) -> Iterator[Problem]:
    """What is wrong with the values that an including file sets; `route` is that of `parameters` there."""
    for name, value in given.items():
        if name not in declared:
            message, near = f"the included file has no parameter `{name}`", suggest.hint(name, declared)
            hint = near or (f"it has {', '.join(declared)}" if declared else "it declares none")
            yield Problem(code=codes.UNKNOWN_REFERENCE, route=(*route, name), message=message, hint=hint, at_key=True)
        else:
            yield from _check_value(value, declared[name], (*route, name))


def check_missing(given: Mapping[str, Data], declared: Mapping[str, Parameter]) -> list[str]:
    """The parameters that need a value and have none."""
    return [name for name, one in declared.items() if name not in given and "default" not in one.model_fields_set]


def check_declared(declared: Mapping[str, Parameter]) -> Iterator[Problem]:
    """What is wrong with the parameters of a file itself."""
    for name, parameter in declared.items():
        route: Route = ("parameters", name)
        if (parameter.type == "enum") != bool(parameter.values):
            message = "an enum names its `values`, and nothing else does"
            hint = "write {type: enum, values: [a, b]}"
            yield Problem(code=codes.CONFLICT, route=route, message=message, hint=hint, at_key=True)
        elif "default" in parameter.model_fields_set:
            yield from _check_value(parameter.default, parameter, (*route, "default"))


def fill(data: dict[str, Data], declared: Mapping[str, Parameter], values: Mapping[str, Data], folder: str) -> Filled:
    """A file's data with values for its parameters; `folder` leads from the file to that of whoever set them.

    Parameters that aren't declared, or are never used, are problems.
    """
    known = {name: one.default for name, one in declared.items() if "default" in one.model_fields_set}
    for name, value in values.items():
        moves = name in declared and declared[name].type == "path" and isinstance(value, str)
        known[name] = _moved(str(value), folder) if moves else value
    filler = _Filler(known, declared)
    rest = {key: value for key, value in data.items() if key != "parameters"}
    filled = filler.value(rest, (), ())
    if isinstance(filled, dict) and "parameters" in data:
        filled["parameters"] = data["parameters"]
    for name in declared:
        if name not in filler.used:
            message, hint = f"the parameter `{name}` is never used", f"write ${{{{ parameters.{name} }}}} where it goes"
            route = ("parameters", name)
            filler.filled.problems.append(
                Problem(code=codes.UNKNOWN_REFERENCE, route=route, message=message, hint=hint, at_key=True)
            )
    filler.filled.data = filled
    return filler.filled


class _Filler:
    def __init__(self, values: Mapping[str, Data], declared: Mapping[str, Parameter]) -> None:
        self.values, self.declared = values, declared
        self.used: set[str] = set()
        self.filled = Filled()

    def value(self, data: Data, route: Route, written: Route) -> Data:
        """Data filled in; `route` is its place afterwards, `written` that in the file."""
        if isinstance(data, str):
            return self._text(data, written) if "${{" in data else data
        if isinstance(data, list):
            return [self.value(item, (*route, index), (*written, index)) for index, item in enumerate(data)]
        if not isinstance(data, dict):
            return data
        result: dict[str, Data] = {}
        for key, item in data.items():
            name = key
            if "${{" in key:
                name = self._key(key, (*written, key))
                self.filled.keys[*route, name] = key
            if name in result:
                message = f"with its parameters filled in, the key `{name}` is there twice"
                problem = Problem(code=codes.DUPLICATE_KEY, route=(*written, key), message=message, at_key=True)
                self.filled.problems.append(problem)
            result[name] = self.value(item, (*route, name), (*written, key))
        return result

    def _key(self, key: str, route: Route) -> str:
        value = self._text(key, route, at_key=True)
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list | None):
            self._problem(route, f"a key can't be {describe(value)}", None, at_key=True)
            return key
        return spelled(value)

    def _text(self, text: str, route: Route, *, at_key: bool = False) -> Data:
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None and not whole["before"]:
            return self._named(whole["inside"], text, route, at_key=at_key)

        def written_out(match: re.Match[str]) -> str:
            value = self._named(match["inside"], match[0], route, at_key=at_key)
            if isinstance(value, dict | list | None):
                message = f"{describe(value)} can't stand inside of a text"
                self._problem(route, message, "let the parameter be the whole value", at_key=at_key)
                return match[0]
            return match[0] if value == match[0] else match["before"] + spelled(value)

        return _PLACEHOLDER.sub(written_out, text)

    def _named(self, inside: str, text: str, route: Route, *, at_key: bool) -> Data:
        """What a placeholder stands for; itself where that is a problem, or the file has nothing to do with it."""
        match = _REFERENCE.fullmatch(inside)
        if match is None:
            if self.declared or inside.strip().startswith("parameters"):
                self._problem(route, f"`{text}` names no parameter", _FORM, at_key=at_key)
            return text
        name = match[1]
        self.used.add(name)
        if name in self.declared:
            return self.values.get(name, text)  # one without a value is reported where it is to be set
        hint = suggest.hint(name, self.declared) or f"declare it: `parameters: {{{name}: {{type: string}}}}`"
        self._problem(route, f"there is no parameter `{name}`", hint, at_key=at_key, code=codes.UNKNOWN_REFERENCE)
        return text

    def _problem(
        self, route: Route, message: str, hint: str | None, *, at_key: bool, code: str = codes.INVALID_VALUE
    ) -> None:
        self.filled.problems.append(Problem(code=code, route=route, message=message, hint=hint, at_key=at_key))


def spelled(value: Data) -> str:
    """A scalar inside of a text, as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_value(value: Data, parameter: Parameter, route: Route) -> Iterator[Problem]:
    if parameter.type == "enum":
        if value not in parameter.values:
            message = f"expected {alternatives(parameter.values)}, found {describe(value)}"
            hint = suggest.hint(str(value), parameter.values)
            yield Problem(code=codes.INVALID_VALUE, route=route, message=message, hint=hint)
        return
    expected, fits = _TYPES[parameter.type]
    if not fits(value):
        hint = None
        if isinstance(value, str) and value.isdecimal():
            hint = "leave out the quotes"
        elif parameter.type in ("string", "path", "url") and isinstance(value, bool | int | float):
            hint = "put it in quotes"
        message = f"expected {expected}, found {describe(value)}"
        yield Problem(code=codes.WRONG_TYPE, route=route, message=message, hint=hint)


def _moved(path: str, folder: str) -> str:
    if folder == "." or path.startswith(("/", "~", "$")):
        return path
    moved = posixpath.normpath(posixpath.join(folder, path))
    return moved if moved.startswith("../") else f"./{moved}"
