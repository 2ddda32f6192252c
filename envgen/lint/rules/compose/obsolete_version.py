import re
from collections.abc import Iterator

from envgen.finding import Edit, Fix, Severity
from envgen.lint.composefile import Compose
from envgen.lint.place import Place
from envgen.lint.rule import Violation, compose_rule


@compose_rule(
    "EG223",
    "obsolete-version",
    Severity.INFO,
    same_as=("dclint/no-version-field",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """The key `version` is obsolete, and compose warns of it on every command.

    Compose has ignored it since its second major version: it takes all keys that it knows, whatever `version` says.
    Remove the line.

    Bad:

        version: "3.8"
        services:
          web:
            image: web:1

    Good:

        services:
          web:
            image: web:1
    """
    for source in compose.sources:
        if not isinstance(source.data, dict) or "version" not in source.data or len(source.data) == 1:
            continue
        line, column, width = source.place(("version",), at_key=True)
        value_line = source.place(("version",))[0]
        text = source.text.split("\n")[line - 1]
        fix = None
        if column == 1 and value_line == line and _LINE.fullmatch(text):
            fix = Fix((Edit(line, 1, line + 1, 1, ""),))
        file = None if source.path == compose.path else source.path
        yield Violation(
            place=Place(line, column, width, file),
            message="`version` is obsolete: compose ignores it, and warns of it on every command",
            hint="remove this line",
            fix=fix,
        )


_LINE = re.compile(r"""["']?version["']?\s*:\s*("[^"\\]*"|'[^']*'|[\w.]+)\s*(#.*)?""")
