from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._stages import inherited, on_scratch

_FILLING = frozenset({"COPY", "ADD"})


@dockerfile_rule("EG155", "scratch-shell", Severity.WARNING, same_as=("tally/shell-run-in-scratch",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """A stage built on scratch has no shell, but this instruction needs one.

    RUN, CMD and ENTRYPOINT in shell form start `/bin/sh`, and scratch is empty: the build ends with `exec: "/bin/sh":
    no such file or directory`, or the container doesn't start. Use the JSON form with a program that you copied.

    Bad:

        FROM scratch
        COPY server /server
        CMD /server --port 80

    Good:

        FROM scratch
        COPY server /server
        CMD ["/server", "--port", "80"]
    """
    if "scratch" not in file.text:
        return
    scratch = on_scratch(file)
    excused = inherited(file, _may_have_shell)
    for stage in file.stages:
        if not scratch[stage.index] or excused[stage.index]:
            continue
        for one in stage.instructions:
            if one.name in {"RUN", "CMD", "ENTRYPOINT"} and not one.is_json and one.args and not one.flag("mount"):
                yield Violation(
                    place=file.place(one),
                    message=f"this `{one.name}` needs `/bin/sh`, and a stage `FROM scratch` has none",
                    hint=f'write `{one.name} ["/program", "argument"]`, with a program that was copied in',
                )


def _may_have_shell(stage: Stage) -> bool:
    return any(
        one.name == "SHELL" or (one.name in _FILLING and _may_bring_shell(one.args)) for one in stage.instructions
    )


def _may_bring_shell(args: tuple[str, ...]) -> bool:
    """Whether a COPY or ADD could bring a whole file system, or a shell: an archive, a folder, or all there is."""
    if not args:
        return False
    destination = args[-1].strip("\"'")
    if destination.startswith(("/bin", "/usr", "/busybox")) or "$" in destination:
        return True
    return any(
        source.strip("\"'").endswith((".", "/", "*", ".gz", ".xz", ".tar", ".tgz", ".bz2", ".zst"))
        or "rootfs" in source
        or "$" in source
        or ("." not in source.rpartition("/")[2] and destination == "/")
        for source in args[:-1]
    )
