import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_PORTS = {"22": "ssh", "23": "telnet", "3389": "remote desktop", "513": "rlogin", "5900": "VNC"}


@dockerfile_rule(
    "EG177", "expose-remote-login", Severity.INFO, same_as=("checkov/CKV_DOCKER_1", "trivy/DS-0004", "df-doctor/DD014")
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """The image offers a remote login.

    A login of its own needs users, keys and updates inside of the container, beside what Docker has already: `docker
    exec` opens a shell without any of it.

    Bad:

        FROM debian:12
        EXPOSE 22

    Good:

        FROM debian:12
        EXPOSE 8080
    """
    for one in file.every("EXPOSE"):
        for word in one.args:
            port = re.sub(r"[\"']", "", word).partition("/")[0]
            if port in _PORTS:
                yield Violation(
                    place=file.place(one, word),
                    message=f"port {port} is for {_PORTS[port]}: `docker exec` opens a shell without a login",
                    hint="remove the login, or keep it from the network",
                )
