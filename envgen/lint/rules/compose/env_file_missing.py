import re
from collections.abc import Iterator
from dataclasses import replace

from envgen.finding import Severity
from envgen.lint.composefile import Compose
from envgen.lint.rule import Violation, compose_rule
from envgen.lint.rules.compose._project import others, reported

_OF_SERVICE = re.compile(r"(?<=`) of `[^`]*`(?= is )")


@compose_rule("EG211", "env-file-missing", Severity.ERROR, keys=("env_file",))
def check(compose: Compose) -> Iterator[Violation]:
    """A service names an env file or label file that is not there.

    Compose refuses every command for the project then, even `config`. Where people are to write the file
    themselves, mark it with `required: false`, or say in the README which example to copy.

    Bad:

        services:
          web:
            image: web:1
            env_file: web.env

    Good:

        services:
          web:
            image: web:1
            env_file:
              - path: web.env
                required: false
    """
    found: dict[str, list[Violation]] = {}
    for one in reported(compose, "env-file-missing"):
        found.setdefault(_OF_SERVICE.sub("", one.message), []).append(one)
    for first, *more in found.values():
        yield replace(first, message=_OF_SERVICE.sub(rf"\g<0>{others(len(more))}", first.message))
