from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_NAME = "docker.sock"


@dockerfile_rule("EG165", "docker-socket", Severity.WARNING, same_as=("semgrep/dockerd-socket-mount",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """The socket of the Docker daemon is declared as a volume or mounted.

    Who can write to it can start a container with the host's disk, so it is root on the host. A VOLUME at its path also
    puts an empty folder there when nobody mounts it, which breaks the clients that look for the socket.

    Bad:

        FROM docker:28-cli
        VOLUME /var/run/docker.sock

    Good:

        FROM docker:28-cli
        ENV DOCKER_HOST=tcp://docker-proxy:2375
    """
    if _NAME not in file.text:
        return
    for one in file.every("VOLUME", "RUN"):
        words = one.args if one.name == "VOLUME" else one.flag_values("mount")
        if any(_NAME in word for word in words):
            yield Violation(
                place=file.place(one, _NAME),
                message="the socket of the Docker daemon gives root on the host to whoever writes to it",
                hint="remove it; a container that needs the daemon gets it by a proxy that allows what it needs",
            )
