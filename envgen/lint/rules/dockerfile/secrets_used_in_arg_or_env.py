import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import commands, place_of

# the words that BuildKit looks for and those that make a name harmless (frontend/dockerfile/dockerfile2llb, 2026-08)
_SECRET = re.compile(
    r"(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|\Z)", re.IGNORECASE
)
_HARMLESS = re.compile(r"(?:_|^)(?:public|file|version)(?:_|\Z)", re.IGNORECASE)


@dockerfile_rule(
    "EG120",
    "secrets-used-in-arg-or-env",
    Severity.WARNING,
    same_as=("buildkit/SecretsUsedInArgOrEnv", "trivy/DS-0031", "hadolint/DL3064"),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A secret should not come by ARG or ENV.

    What ARG and ENV hold stays in the image's history and configuration, for everyone who can pull it. A secret mount
    is there for one RUN only and leaves no trace. Names that end on `_FILE`, or speak of something public, are fine.

    Bad:

        FROM node:22
        ARG NPM_TOKEN
        RUN npm ci

    Good:

        FROM node:22
        RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci
    """
    for stage, command in commands(file, "ARG", "ENV"):
        one = command.instruction
        if one.name == "ARG":
            names = [word.partition("=")[0] for word in one.args]
        else:
            names = [
                key if key.isidentifier() else file.variables.expansion_in(stage, command, key).text or key
                for key, _, _ in one.pairs
            ]
        for name in names:
            if _SECRET.search(name) and not _HARMLESS.search(name):
                yield Violation(
                    place=place_of(file, command, name),
                    message=f"`{one.name} {name}` looks like a secret, and the image would keep it",
                    hint="give it to a `RUN` by `--mount=type=secret`, or to the container when it starts",
                )
