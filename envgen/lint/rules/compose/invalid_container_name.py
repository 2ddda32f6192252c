import re
from collections.abc import Iterator

from envgen.compose_formats import container_name
from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule

_SCHEMA = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")  # anywhere in it: without that, compose refuses the file


@compose_rule(
    "EG286",
    "invalid-container-name",
    Severity.WARNING,
    same_as=("dclint/service-container-name-regex",),
    keys=("container_name",),
)
def check(compose: Compose) -> Iterator[Violation]:
    """A service wants a name for its container that Docker refuses.

    Compose takes the file, and `up` fails when it creates the container: "Invalid container name". A name is two or
    more letters, digits, `_`, `.` and `-`, and starts with a letter or digit.

    Bad:

        services:
          web:
            image: web:1
            container_name: shop/web

    Good:

        services:
          web:
            image: web:1
            container_name: shop-web
    """
    for service in compose.services.values():
        name = service.data.get("container_name")
        if isinstance(name, str) and "$" not in name and (problem := container_name(name)) and _SCHEMA.search(name):
            yield Violation(
                place=service.place("container_name"),
                message=problem,
                hint="use letters, digits, `_`, `.` and `-`, and start with a letter or digit",
            )
