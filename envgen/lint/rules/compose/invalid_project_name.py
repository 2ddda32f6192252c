import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule


@compose_rule("EG226", "invalid-project-name", Severity.ERROR)
def check(compose: Compose) -> Iterator[Violation]:
    """The project's name holds nothing that compose can use.

    Of `name` compose keeps lower-case letters, digits, dashes and underscores, and drops all others; a name of
    which nothing is left can't name containers and networks, so compose refuses the file.

    Bad:

        name: "---"
        services:
          web:
            image: web:1

    Good:

        name: shop
        services:
          web:
            image: web:1
    """
    written, name = compose.written("name"), compose.strict.data.get("name")
    if not written or not isinstance(name, str) or compose.overlay_of:
        return
    if not _KEPT.sub("", name.lower()).lstrip("_-"):
        yield Violation(
            place=compose.strict.place("name"),
            message=f"nothing of `{name}` can be part of a project's name" if name else "the project's name is empty",
            hint=f"`{written}` is not set" if not name else "use lower-case letters, digits, `-` and `_`",
        )


_KEPT = re.compile(r"[^a-z0-9_-]")
