import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._arguments import is_predefined, names, referenced

_KEPT = frozenset({"RUN", "COPY", "ADD", "ENV", "LABEL", "WORKDIR", "USER", "EXPOSE", "ARG", "VOLUME"})


@dockerfile_rule("EG157", "unused-global-arg", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """An ARG above the first FROM is used by no FROM and taken up by no stage.

    Such an ARG can be used in FROM lines only; a stage has to repeat it (`ARG NAME`) to see its value. Without that a
    `$NAME` in the stage is empty, and `--build-arg NAME=...` changes nothing.

    Bad:

        ARG VERSION=1.2
        FROM debian:12
        RUN make VERSION=$VERSION

    Good:

        ARG VERSION=1.2
        FROM debian:12
        ARG VERSION
        RUN make VERSION=$VERSION
    """
    declared = [(one, name) for one in file.global_args for name in names(one)]
    if not declared or not file.stages:
        return
    used = set[str]()
    for stage in file.stages:
        used |= referenced(stage.origin.text)
    for one in file.every("ARG"):
        used |= set(names(one)) if one.stage is not None else referenced(" ".join(one.args))
    for one in file.every("ONBUILD"):
        used |= set(re.findall(r"\w+", one.text))
    left = [(one, name) for one, name in declared if name not in used and not is_predefined(name)]
    users = _users(file) if left else {}
    for one, name in left:
        user = users.get(name)
        yield Violation(
            place=file.place(one, name),
            message=f"`{name}` is used by no FROM and taken up by no stage"
            + (f": `${name}` in line {user.line} is empty" if user else ""),
            hint=f"repeat `ARG {name}` in the stage that needs it" if user else "remove it, or use it",
        )


def _users(file: Dockerfile) -> dict[str, Instruction]:
    """The first instruction of a stage that reads each variable, where no ENV sets it."""
    found: dict[str, Instruction] = {}
    own: set[str] = set()
    for one in file.instructions:
        if one.stage is not None and one.name in _KEPT and "$" in one.text:
            for name in referenced(one.text):
                found.setdefault(name, one)
        if one.name == "ENV":
            own |= {key for key, _, _ in one.pairs}
    return {name: one for name, one in found.items() if name not in own}
