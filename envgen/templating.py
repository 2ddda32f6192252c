"""Jinja as envgen uses it: strict, plain text, whitespace under control; templates of the user's own in its sandbox."""

import re
import traceback
from collections.abc import Callable, Mapping

from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from envgen import codes, suggest
from envgen.finding import EnvgenError, Finding, Severity
from envgen.resources import template_names, template_text

_NO_FILTER = re.compile(r"No filter named '(.+?)'")
Filters = Mapping[str, Callable[..., object]]
OURS = "envgen/"  # before a template's name: envgen's own, also where the user's shadows it


class Templates:
    """Renders templates: envgen's, and those of the user that shadow them.

    `own` are the user's, by name (`node/Dockerfile.j2`), each with the path that errors name and its text. They run in
    Jinja's sandbox.
    """

    def __init__(self, own: Mapping[str, tuple[str, str]] | None = None) -> None:
        self._own = own or {}
        self._environment = _environment(self._source, sandboxed=bool(self._own))

    def render(self, name: str, filters: Filters, /, **context: object) -> str:
        """The text of a template; `filters` are the escapers of its target.

        Raises EnvgenError with file and line where a template of the user's is broken; jinja2.TemplateError where one
        of envgen's is, which is a bug.
        """
        self._environment.filters.update(filters)
        try:
            return self._environment.get_template(name).render(context)
        except Exception as error:
            finding = self._finding(error)
            if finding is None:
                raise
            raise EnvgenError([finding]) from error

    def _source(self, name: str) -> tuple[str, str | None, Callable[[], bool]] | None:
        own = self._own.get(name)
        text = own[1] if own else template_text(name.removeprefix(OURS))
        return None if text is None else (text, own[0] if own else None, lambda: True)

    def _finding(self, error: Exception) -> Finding | None:
        """What is wrong with a template of the user's; None where the fault is in none of them."""
        files = {path: name for name, (path, _) in self._own.items()}
        if isinstance(error, TemplateSyntaxError) and error.filename in files:
            return _broken(error.filename, error.lineno, error.message or "the template can't be read")
        frames = traceback.extract_tb(error.__traceback__)
        place = next(((frame.filename, frame.lineno) for frame in reversed(frames) if frame.filename in files), None)
        if place is None:
            return None
        if isinstance(error, RecursionError):
            advice = "`envgen/` before a name means envgen's own"
            return _broken(place[0], place[1] or 1, "it includes or extends itself without end", advice)
        if isinstance(error, TemplateNotFound):
            near = suggest.hint(str(error.name).removeprefix(OURS), {*self._own, *template_names()})
            return _broken(place[0], place[1] or 1, f"there is no template `{error.name}`", near)
        expected = isinstance(error, TemplateError)
        message = str(error) if expected else f"{type(error).__name__}: {error}"
        unknown = _NO_FILTER.match(message)
        hint = suggest.hint(unknown[1], self._environment.filters) if unknown else None
        return _broken(place[0], place[1] or 1, message.rstrip("."), hint)


def references(text: str) -> frozenset[str]:
    """The templates that a template's text includes, imports or extends by name; none of one that can't be read."""
    try:
        found = meta.find_referenced_templates(Environment(autoescape=True).parse(text))
    except TemplateSyntaxError:
        return frozenset()
    return frozenset(name for name in found if name is not None)


def _environment(source: Callable[[str], object], *, sandboxed: bool) -> Environment:
    kind = ImmutableSandboxedEnvironment if sandboxed else Environment
    return kind(
        autoescape=False,
        auto_reload=False,
        keep_trailing_newline=True,
        loader=FunctionLoader(source),  # type: ignore[arg-type]
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


def _broken(file: str, line: int, message: str, hint: str | None = None) -> Finding:
    return Finding(
        code=codes.TEMPLATE, severity=Severity.ERROR, file=file, line=line, column=1, message=message, hint=hint
    )
