from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile
from envgen.lint.dockerfile.variables import Command
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._places import commands, place_of


@dockerfile_rule(
    "EG112",
    "multiple-instructions-disallowed",
    Severity.WARNING,
    same_as=(
        "buildkit/MultipleInstructionsDisallowed",
        "hadolint/DL4003",
        "hadolint/DL4004",
        "hadolint/DL3012",
        "trivy/DS-0016",
        "trivy/DS-0007",
        "trivy/DS-0023",
    ),
)
def check(file: Dockerfile) -> Iterator[Violation]:
    """A stage should have one CMD, one ENTRYPOINT and one HEALTHCHECK at most.

    Only the last one of each counts; the others above it do nothing, and look as if they did.

    Bad:

        FROM debian:12
        CMD ["first"]
        CMD ["second"]

    Good:

        FROM debian:12
        CMD ["second"]
    """
    before: dict[tuple[int, str], Command] = {}
    for stage, command in commands(file, "CMD", "ENTRYPOINT", "HEALTHCHECK"):
        one = command.instruction
        key = (stage.index, one.name)
        if key in before:
            yield Violation(
                place=place_of(file, before[key]),
                message=f"this `{one.name}` has no effect: the one in line {command.origin.line} replaces it",
                hint="remove it, or give it a stage of its own",
            )
        before[key] = command
