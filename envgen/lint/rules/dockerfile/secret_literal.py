import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.place import Place
from envgen.lint.rule import Violation, dockerfile_rule

_EXAMPLE = re.compile(r"EXAMPLE|(.)\1{5}|x{4,}|1234567|abcdefg", re.IGNORECASE)


@dockerfile_rule(
    "EG142",
    "secret-literal",
    Severity.WARNING,
    same_as=("tally/secrets-in-code", "dockerfile-sec/cred-001", "df-doctor/DD058", "kics/Passwords And Secrets"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A key or token is written into the Dockerfile.

    Whoever reads the repository has it, and so has whoever pulls the image: ENV, ARG and RUN stay in its history. Take
    it back at its issuer first, since removing the line does not remove it from git.

    Bad:

        FROM debian:12
        ENV GITHUB_TOKEN=ghp_rB7kQ2mZ9vT4xW1nL6pY3sD8fH5jK0cA2eGu

    Good:

        FROM debian:12
        RUN --mount=type=secret,id=github,env=GITHUB_TOKEN ./fetch.sh
    """
    possible = [one for one in _patterns() if one[1] in file.text]
    for number, line in enumerate(file.lines, 1) if possible else ():
        for name, prefix, pattern in possible:
            if prefix not in line:
                continue
            rest = "\n".join(file.lines[number - 1 : number + 1])
            if (match := pattern.search(rest)) and match.start() < len(line):
                if not _EXAMPLE.search(match[0]):
                    yield Violation(
                        place=Place(number, match.start() + 1, min(len(match[0]), len(line) - match.start())),
                        message=f"a secret is written here: {name}",
                        hint="revoke it, and give the build a secret: `RUN --mount=type=secret,id=name`",
                    )
                break


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    text = Path(__file__).with_name("_secrets.toml").read_text(encoding="utf-8")
    return tuple((one["name"], one["prefix"], re.compile(one["regex"])) for one in tomllib.loads(text)["pattern"])
