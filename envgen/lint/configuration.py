"""Finds the configuration that holds for a file: the nearest one above it, and nothing of any other."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envgen import codes
from envgen.codes import CODES
from envgen.finding import EnvgenError, Finding, Severity
from envgen.lint import settings
from envgen.lint.place import Place
from envgen.lint.settings import Mistake, Names, Settings

if TYPE_CHECKING:
    from envgen.source import Route

_PYPROJECT = "pyproject.toml"
_OWN_NAMES = (".envgen-lint.yaml", ".envgen-lint.yml")
_SPEC_NAMES = ("envgen.yaml", "envgen.yml", "envgen.json")
_TABLE = ("tool", "envgen", "lint")
_LINT_KEY = re.compile(r"""^(?:\{\s*)?\s*["']?lint["']?\s*:""", re.MULTILINE)
_TOML_PLACE = re.compile(r"\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_HEADER = re.compile(r"\s*\[\[?(?P<key>[^]]*)\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(r"""\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """What the command line says about the configuration: `path` is the only one read, `isolated` that none is."""

    path: str | None = None
    isolated: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Configurations:
    """The settings of any path; each folder is looked at once.

    Raises EnvgenError, here and when asked, for a configuration that can't be read, holds anything that it can't hold,
    or isn't the only one in its folder.
    """

    def __init__(self, names: Names, command_line: CommandLine | None = None) -> None:
        self._names = names
        self._command_line = command_line or CommandLine()
        self._folders: dict[str, Settings] = {}
        path = self._command_line.path
        self._only = self._changed(Settings(folder=os.getcwd()))  # noqa: PTH109 - paths are text here
        if path is not None:
            self._only = self._changed(_named(path, names))
        for option, rules in (("--select", self._command_line.select), ("--ignore", self._command_line.ignore)):
            wrong = list(settings.check_rules(rules, names))
            if wrong:
                raise EnvgenError(_usage(option, f"there is no rule `{rule}`", hint) for rule, hint in wrong)

    def of(self, path: str) -> Settings:
        """What holds for a file; `path` is as shown to the user, and need not exist."""
        if self._command_line.isolated or self._command_line.path is not None:
            return self._only
        return self._of_folder(os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120 - as above

    def excludes(self, path: str) -> bool:
        """Whether a file or folder (its path ends in `/`) is left out of a search."""
        found = self.of(path.rstrip("/"))
        if not found.exclude:
            return False
        inside = os.path.relpath(path, found.folder).replace(os.sep, "/")
        return found.excludes(inside + ("/" if path.endswith("/") else ""))

    def _of_folder(self, folder: str) -> Settings:
        chain = []
        found = None
        while folder not in self._folders:
            chain.append(folder)
            found = _in_folder(folder, self._names)
            parent = os.path.dirname(folder)  # noqa: PTH120 - as above
            if found or parent == folder:
                break
            folder = parent
        result = self._folders.get(folder) or (self._changed(found) if found else self._only)
        self._folders |= dict.fromkeys(chain, result)
        return result

    def _changed(self, found: Settings) -> Settings:
        return found.overridden(self._command_line.select, self._command_line.ignore)


def _in_folder(folder: str, names: Names) -> Settings | None:
    found = [document for name in (_PYPROJECT, *_OWN_NAMES, *_SPEC_NAMES) if (document := _open(folder, name))]
    if len(found) > 1:
        first, second = found[0].place(()), found[1].place(())
        message = f"there are two configurations of the linter in this folder, here and in {first.file}"
        raise EnvgenError([_usage(second.file or "", message, "keep one of them", second)])
    return _settings(found[0], folder, names) if found else None


def _open(folder: str, name: str) -> _Document | None:
    """The document of this name in a folder, if it configures the linter."""
    path = os.path.join(folder, name)  # noqa: PTH118 - as above
    if not os.path.isfile(path):  # noqa: PTH113 - as above
        return None
    text = _text(path)
    if name == _PYPROJECT:
        return _toml(path, text) if "envgen" in text else None
    if name in _SPEC_NAMES:
        return _spec(path, text) if _LINT_KEY.search(text) else None
    return _yaml(path, text)


def _named(path: str, names: Names) -> Settings:
    name = os.path.basename(path)  # noqa: PTH119 - as above
    try:
        text = _text(path)
    except FileNotFoundError:
        raise EnvgenError([_usage(path, "there is no such file", "it was named by --config")]) from None
    if path.endswith(".toml"):
        document = _toml(path, text)
    else:
        document = _spec(path, text) if name in _SPEC_NAMES else _yaml(path, text)
    if document is None:
        hint = f"it has no {'[tool.envgen.lint]' if path.endswith('.toml') else '`lint:`'}"
        raise EnvgenError([_usage(path, "this file doesn't configure the linter", hint)])
    return _settings(document, os.getcwd(), names)  # noqa: PTH109 - as above


def _text(path: str) -> str:
    shown = _shown(path)
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise EnvgenError([_usage(shown, f"the configuration can't be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise EnvgenError([_usage(shown, "the configuration is not UTF-8 text")]) from None


def _settings(document: _Document, folder: str, names: Names) -> Settings:
    found, problems = settings.read(document.data, folder, names, document.place)
    if problems or document.problems:
        findings = [*document.problems, *(document.finding(problem) for problem in problems)]
        raise EnvgenError(sorted(findings, key=lambda finding: (finding.line, finding.column)))
    return found


class _Document(ABC):
    """The part of a file that configures the linter: `top` is its route."""

    def __init__(self, path: str, text: str, data: Any, top: Route, problems: tuple[Finding, ...] = ()) -> None:  # noqa: ANN401 - whatever the file holds
        self.path = path
        self.lines = text.split("\n")
        self.data = data
        self.top = top
        self.problems = problems

    def place(self, route: Route, *, at_key: bool = False) -> Place:
        """Where a part of the configuration stands."""
        return Place(*self.position((*self.top, *route), at_key=at_key), file=self.path)

    @abstractmethod
    def position(self, route: Route, *, at_key: bool) -> tuple[int, int, int]:
        """Line, column and width of a part of the file."""

    def finding(self, problem: Mistake) -> Finding:
        """What is wrong with it, with its place."""
        place = self.place(problem.route, at_key=problem.at_key)
        return Finding(
            code=problem.code,
            severity=CODES[problem.code].severity,
            file=self.path,
            line=place.line,
            column=place.column,
            message=problem.message,
            hint=problem.hint,
            excerpt=self.lines[place.line - 1].rstrip("\r") if place.line <= len(self.lines) else "",
            width=place.width,
        )


class _Yaml(_Document):
    def __init__(self, path: str, text: str, top: Route) -> None:
        from envgen.source import parse  # noqa: PLC0415 - only a configuration in YAML needs it

        self.source = parse(text, path)
        data: Any = self.source.data
        for part in top:
            data = data.get(part) if isinstance(data, dict) else None
        super().__init__(path, text, data, top, self.source.problems)

    def position(self, route: Route, *, at_key: bool) -> tuple[int, int, int]:
        return self.source.place(route, at_key=at_key or route == self.top)


class _Toml(_Document):
    """TOML's reader keeps no places: keys are looked for line by line, values in the text below their key."""

    def position(self, route: Route, *, at_key: bool) -> tuple[int, int, int]:
        found, known = (1, 1, 1), 0
        for keys, place in self._keys():
            if keys == route[: len(keys)] and len(keys) >= known and (len(keys) > known or known == 0):
                found, known = place, len(keys)
        value: Any = self.data
        for part in route[len(self.top) :]:
            inside = isinstance(value, dict) and part in value
            value = value[part] if inside or (isinstance(value, list) and isinstance(part, int)) else None
        names = [str(part) for part in route[known:] if isinstance(part, str)]
        if value and isinstance(value, str) and not at_key:
            names.append(value)
        for name in names:
            found = self._below(found, name)
        return found

    def _keys(self) -> Iterator[tuple[Route, tuple[int, int, int]]]:
        table: Route = ()
        for number, line in enumerate(self.lines, 1):
            if header := _HEADER.match(line):
                table = _parts(header["key"])
                yield table, (number, line.index("[") + 1, len(line.strip()))
            elif entry := _ENTRY.match(line):
                yield (*table, *_parts(entry["key"])), (number, entry.start("key") + 1, len(entry["key"]))

    def _below(self, start: tuple[int, int, int], text: str) -> tuple[int, int, int]:
        quoted = re.compile(rf"""(?P<quote>["']?)(?<![\w-]){re.escape(text)}(?![\w-])(?P=quote)""")
        for number in range(start[0], len(self.lines) + 1):
            match = quoted.search(self.lines[number - 1], start[1] if number == start[0] else 0)
            if match:
                return number, match.start() + 1, len(match[0])
        return start


def _parts(key: str) -> Route:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(key))


def _toml(path: str, text: str) -> _Document | None:
    import tomllib  # noqa: PLC0415 - only a configuration in TOML needs it

    shown = _shown(path)
    try:
        data: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.search(str(error))
        lines = text.splitlines() or [""]
        line, column = (int(match["line"]), int(match["column"])) if match and match["line"] else (len(lines), 1)
        message = f"this is no TOML: {_TOML_PLACE.sub('', str(error)).strip()}"
        finding = _usage(shown, message, None, Place(line, column))
        raise EnvgenError([replace(finding, excerpt=lines[line - 1])]) from None
    for part in _TABLE:
        data = data.get(part) if isinstance(data, dict) else None
    return _Toml(shown, text, data, _TABLE) if data is not None else None


def _yaml(path: str, text: str) -> _Document:
    return _Yaml(_shown(path), text, ())


def _spec(path: str, text: str) -> _Document | None:
    try:
        document = _Yaml(_shown(path), text, ("lint",))
    except EnvgenError:
        return None  # the spec itself is what there is a finding about
    document.problems = ()
    return document if document.data is not None else None


def _shown(path: str) -> str:
    inside = os.path.relpath(path)
    return path if inside.startswith(os.pardir) else inside


def _usage(file: str, message: str, hint: str | None = None, place: Place | None = None) -> Finding:
    return Finding(
        code=codes.CONFIGURATION if place else codes.USAGE,
        severity=Severity.ERROR,
        file=file,
        line=place.line if place else 1,
        column=place.column if place else 1,
        message=message,
        hint=hint,
        width=place.width if place else 1,
    )
