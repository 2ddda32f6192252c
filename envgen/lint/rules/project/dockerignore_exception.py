from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.place import Place
from envgen.lint.project import Ignore, Project
from envgen.lint.rule import Violation, project_rule

_WILDCARDS = "*?[\\"
_MOST = 200  # patterns: each exception is tried with those before and behind it


@project_rule("EG314", "dockerignore-exception", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """An exception (`!`) in the .dockerignore has no effect.

    Either no pattern before it excludes such a path (a `*` doesn't reach into folders), or one behind it excludes it
    again: the last pattern that matches decides.

    Bad:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        !.env.example
        .env*

    Good:

        --- Dockerfile
        FROM node:22
        --- .dockerignore
        .env*
        !.env.example
    """
    for link in project.builds:
        ignore = link.ignore
        if ignore is None or "!" not in ignore.text or len(ignore.patterns) > _MOST:
            continue
        if ignore.matcher(len(ignore.patterns)) is None:
            continue
        for index, (line, written) in enumerate(ignore.patterns):
            if written.startswith("!") and (reason := _reason(ignore, index)):
                yield Violation(
                    place=Place(line, 1, len(written), ignore.path),
                    message=f"the exception `{written}` has no effect: {reason}",
                    hint="move it behind the pattern that it is an exception from"
                    if "again" in reason
                    else "remove it, or mend the pattern that was to exclude it",
                )


def _reason(ignore: Ignore, index: int) -> str | None:
    written = ignore.patterns[index][1]
    path = _clean(written)
    before = [pattern for _, pattern in ignore.patterns[:index] if not pattern.startswith("!")]
    exceptions = [pattern for _, pattern in ignore.patterns[:index] if pattern.startswith("!")]
    later = [(line, pattern) for line, pattern in ignore.patterns[index + 1 :] if not pattern.startswith("!")]
    if any(char in path for char in _WILDCARDS):
        return None if before else "nothing is excluded before it"
    if any(_clean(one) and f"{path}/".startswith(f"{_clean(one)}/") for one in exceptions):
        return None  # superfluous, and harmless
    upto = ignore.matcher(index + 1)
    whole = ignore.matcher(len(ignore.patterns))
    if whole is not None and whole.matches(path) and upto is not None and not upto.matches(path):
        for count in range(index + 2, len(ignore.patterns) + 1):
            matcher = ignore.matcher(count)
            if matcher is not None and matcher.matches(path):
                line, pattern = ignore.patterns[count - 1]
                return f"`{pattern}` in line {line} excludes it again"
    first = ignore.matcher(index)
    if first is None or first.matches(path) or any(_may_be_below(_clean(pattern), path) for pattern in before):
        return None
    if any(_may_be_below(_clean(pattern), path) for _, pattern in later) and not before:
        return None if whole is None or not whole.matches(path) else "what is to be excluded comes behind it"
    return "nothing before it excludes this path"


def _may_be_below(pattern: str, path: str) -> bool:
    """Whether a pattern may match something below a path."""
    if pattern.startswith("**") or "**" in pattern.partition("/")[0]:
        return True
    here, there = pattern.split("/"), path.split("/")
    for own, other in zip(here, there, strict=False):
        if own == "**" or "**" in own:
            return True
        if not any(char in own for char in _WILDCARDS) and own != other:
            return False
    return len(here) > len(there)


def _clean(pattern: str) -> str:
    return pattern.removeprefix("!").strip().removeprefix("./").strip("/")
