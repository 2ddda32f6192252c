import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_LARGEST = 65535


@dockerfile_rule(
    "EG140", "expose-invalid", Severity.ERROR, same_as=("hadolint/DL3011", "dockerfile-utils/INVALID_PORT")
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """EXPOSE names something that is no port.

    It takes `port`, `first-last`, each with `/tcp`, `/udp` or `/sctp`; Docker refuses other words ("invalid
    containerPort", "invalid proto"). A `#` behind the ports is no comment, it is a port, too.

    Bad:

        FROM debian:12
        EXPOSE 8080 # web

    Good:

        FROM debian:12
        # web
        EXPOSE 8080
    """
    for one in file.every("EXPOSE"):
        for word in one.args:
            if "$" not in word and (problem := _problem(re.sub(r"[\"'\\]", "", word))):
                yield Violation(
                    place=file.place(one, word),
                    message=problem,
                    hint="write ports, such as `8080` or `53/udp`; comments have lines of their own",
                )
                break


def _problem(word: str) -> str | None:
    ports, slash, protocol = word.rpartition(":")[2].partition("/")
    if slash and protocol.lower() not in {"tcp", "udp", "sctp"}:
        return f"`{word}`: there is no protocol `{protocol}`"
    match = _RANGE.fullmatch(ports)
    if match is None:
        return f"`{word}` is no port"
    first, last = int(match[1]), int(match[2] or match[1])
    if last > _LARGEST:
        return f"`{word}`: ports end with 65535"
    return f"`{word}`: the range ends before it begins" if last < first else None
