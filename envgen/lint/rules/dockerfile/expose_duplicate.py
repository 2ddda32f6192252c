import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule


@dockerfile_rule("EG178", "expose-duplicate", Severity.STYLE, same_as=("df-doctor/DD048",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A port is exposed twice in a stage.

    The second one changes nothing. Perhaps another port, or `/udp`, was meant.

    Bad:

        FROM debian:12
        EXPOSE 80 443
        EXPOSE 80/tcp

    Good:

        FROM debian:12
        EXPOSE 80 443
    """
    seen: dict[tuple[int | None, str], int] = {}
    for one in file.every("EXPOSE"):
        for word in one.args:
            port = re.sub(r"[\"']", "", word).lower().removesuffix("/tcp")
            key = (one.stage, port)
            if port != "#" and key in seen:
                yield Violation(
                    place=file.place(one, word, nth=one.args[: one.args.index(word)].count(word)),
                    message=f"the port `{word}` is exposed already, in line {seen[key]}",
                    hint="remove it",
                )
            seen.setdefault(key, one.line)
