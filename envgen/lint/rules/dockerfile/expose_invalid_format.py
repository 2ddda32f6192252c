from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._exposed import ports
from envgen.lint.rules.dockerfile._places import place_of


@dockerfile_rule("EG122", "expose-invalid-format", Severity.WARNING, same_as=("buildkit/ExposeInvalidFormat",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """EXPOSE takes ports of the container, no address and no port of the host.

    `EXPOSE 8080:80` publishes nothing: what stands before the last colon is ignored now, and will be an error. Ports
    are published by `docker run --publish` or `ports:` in a compose file.

    Bad:

        FROM nginx:1.29
        EXPOSE 8080:80

    Good:

        FROM nginx:1.29
        EXPOSE 80
    """
    for port in ports(file):
        if port.address or port.host:
            yield Violation(
                place=place_of(file, port.command, port.written),
                message=f"`{port.text}` names an address or port of the host, which `EXPOSE` ignores",
                hint=f"write `{port.text.rpartition(':')[2]}`, and publish it when the container is started",
            )
