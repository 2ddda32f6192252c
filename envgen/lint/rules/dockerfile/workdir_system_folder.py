from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.rule import Violation, dockerfile_rule

_SYSTEM = frozenset({"bin", "boot", "dev", "etc", "lib", "lib64", "proc", "sbin", "sys"})
_BELOW_USR = frozenset({"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/local/bin"})


@dockerfile_rule("EG179", "workdir-system-folder", Severity.INFO, same_as=("trivy/DS-0030",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """The container works in a folder of the system.

    What the program writes, and what `COPY . .` brings, then lands among the system's own files and may replace them.

    Bad:

        FROM debian:12
        WORKDIR /bin

    Good:

        FROM debian:12
        WORKDIR /app
    """
    if not file.stages:
        return
    for stage in file.lineage(file.stages[-1]):
        last = next((one for one in reversed(stage.instructions) if one.name == "WORKDIR" and one.args), None)
        if last is not None:
            path = last.args[0].strip("\"'").rstrip("/")
            if path in _BELOW_USR or (path.startswith("/") and path[1:] in _SYSTEM):
                yield Violation(
                    place=file.place(last, last.args[0]),
                    message=f"the container works in `{path}`, a folder of the system",
                    hint="use a folder of its own, such as `/app`",
                )
            return
