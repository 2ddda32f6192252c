import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.project import Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._variables import examples, keys

_KNOWN = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_\w{36,}|sk_live_\w{20,}|xox[abprs]-[\w-]{20,}|glpat-[\w-]{20}|SG\.[\w-]{16,}\.[\w-]{16,}"
)
_NAME = re.compile(r"(?:PASSWORD|PASSWD|SECRET(?:_KEY(?:_BASE)?)?|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY)$")
_RANDOM = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_STAND_IN = re.compile(
    r"change|your|example|sample|secret|placeholder|dummy|insert|here|xxx|test|insecure|default|1234|abcd",
    re.IGNORECASE,
)
_LEAST_KINDS = 12  # different characters of a random text


@project_rule("EG346", "env-example-secret", Severity.INFO)
def check(project: Project) -> Iterator[Violation]:
    """An example of `.env` holds what looks like a real secret.

    Examples are committed, so everybody who can read the repository has it; and whoever copies the file runs with a key
    that all others have, too.

    Bad:

        --- compose.yaml
        services:
          api:
            image: acme/api:1
            env_file: .env
        --- .env.example
        API_TOKEN=q8Zr3vLw0TnK5xYb7HcJ2mPd9sFg4uEa

    Good:

        --- compose.yaml
        services:
          api:
            image: acme/api:1
            env_file: .env
        --- .env.example
        API_TOKEN=change-me
    """
    for path in examples(project):
        for name, entry in keys(project, path).items():
            if entry.value and _is_secret(name, entry.value):
                yield Violation(
                    place=entry.place,
                    message=f"the value of `{name}` looks like a real secret",
                    hint="leave it empty or write `change-me`, and replace the secret if it is in use",
                )


def _is_secret(name: str, value: str) -> bool:
    if _KNOWN.search(value):
        return True
    if not _NAME.search(name.upper()) or not _RANDOM.fullmatch(value) or _STAND_IN.search(value):
        return False
    has_all = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    return has_all and len(set(value)) >= _LEAST_KINDS
