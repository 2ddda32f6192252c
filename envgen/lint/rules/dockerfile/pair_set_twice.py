from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG176", "pair-set-twice", Severity.WARNING, same_as=("df-doctor/DD044",))
def check(file: Dockerfile) -> Iterator[Violation]:
    r"""One ENV or LABEL sets the same name twice.

    The last one wins without a word, and the other is never seen by anybody.

    Bad:

        FROM debian:12
        ENV PORT=80 \
            HOST=a \
            PORT=8080

    Good:

        FROM debian:12
        ENV PORT=8080 \
            HOST=a
    """
    for one in file.every("ENV", "LABEL"):
        pairs = one.pairs
        if len(pairs) < 2 or len({key for key, _, _ in pairs}) == len(pairs):  # noqa: PLR2004 - one can't be double
            continue
        seen: dict[str, str] = {}
        for key, value, _ in pairs:
            if key in seen and f"${key}" not in value and f"${{{key}" not in value:
                yield Violation(
                    place=file.place(one, f"{key}={value}"),
                    message=f"`{key}` is set twice in one `{one.name}`"
                    + (", both times to the same" if seen[key] == value else f": `{seen[key][:40]}` is lost"),
                    hint="remove one of them",
                )
            seen[key] = value
