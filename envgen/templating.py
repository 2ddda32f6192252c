"""Jinja as envgen uses it: strict, plain text, whitespace under control."""

from collections.abc import Callable, Mapping

from jinja2 import Environment, FunctionLoader, StrictUndefined

from envgen.resources import template_text

Filters = Mapping[str, Callable[..., str]]


class Templates:
    """Renders the templates that ship with envgen."""

    def __init__(self) -> None:
        self._environment = Environment(
            autoescape=False,  # noqa: S701 - no HTML: each target escapes for its own format
            auto_reload=False,
            keep_trailing_newline=True,
            loader=FunctionLoader(template_text),
            lstrip_blocks=True,
            trim_blocks=True,
            undefined=StrictUndefined,
        )

    def render(self, name: str, filters: Filters, **context: object) -> str:
        """The text of a template; `filters` are the escapers of its target.

        Raises jinja2.TemplateError where the template is broken, which is a bug of envgen's.
        """
        self._environment.filters.update(filters)
        return self._environment.get_template(name).render(context)
