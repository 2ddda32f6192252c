from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._exposed import ports
from envgen.lint.rules.dockerfile._places import place_of, replaced


@dockerfile_rule("EG121", "expose-proto-casing", Severity.STYLE, same_as=("buildkit/ExposeProtoCasing",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """The protocol of an exposed port should be in lower case.

    The image says `80/tcp` however it is written. In lower case the Dockerfile reads like what `docker ps` and
    `docker inspect` show.

    Bad:

        FROM debian:12
        EXPOSE 80/TCP

    Good:

        FROM debian:12
        EXPOSE 80/tcp
    """
    for port in ports(file):
        if port.protocol != port.protocol.lower():
            place = place_of(file, port.command, port.written)
            wanted = port.text.removesuffix(port.protocol) + port.protocol.lower()
            yield Violation(
                place=place,
                message=f"the protocol of `{port.text}` is not in lower case",
                hint=f"write `{wanted}`",
                fix=replaced(file, place, port.text, wanted),
            )
