from collections.abc import Iterator
from posixpath import normpath

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.dockerfile.variables import Variables
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Ignore, Project, in_dockerfile, in_inline
from envgen.lint.rule import Violation, project_rule

_REMOTE = ("http://", "https://", "git://", "ssh://", "git@")
_MOST_PATTERNS = 100
_EVERYTHING = frozenset({"*", "**", "**/*"})


@project_rule("EG302", "copy-ignored-file", Severity.WARNING, same_as=("buildkit/CopyIgnoredFile",), keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """COPY or ADD names a file that the .dockerignore keeps out of the build.

    The build fails with "not found", although the file is there for all to see.

    Bad:

        --- .dockerignore
        *.json
        --- Dockerfile
        FROM node:22
        COPY package.json ./

    Good:

        --- .dockerignore
        node_modules
        --- Dockerfile
        FROM node:22
        COPY package.json ./
    """
    for link in project.builds:
        ignore = link.ignore
        if link.parsed and ignore and not any(pattern.startswith("!") for _, pattern in ignore.patterns):
            yield from _of_build(link, link.parsed, ignore)


def _of_build(link: BuildLink, file: Dockerfile, ignore: Ignore) -> Iterator[Violation]:
    if not ignore.patterns or file.names.isdisjoint(("COPY", "ADD")):
        return
    variables = Variables(file, link.args) if link.args else file.variables
    for stage in file.stages:
        for command in variables.commands(stage):
            one = command.instruction
            if one.name not in {"COPY", "ADD"} or (one.name == "COPY" and one.flag("from")):
                continue
            for word in one.args[:-1]:
                path = variables.expansion_in(stage, command, word).text
                if path is not None and not word.startswith("<<") and _is_ignored(path, ignore):
                    yield Violation(
                        place=_place(link, file, command.origin, word if one is command.origin else None),
                        message=f"`{word}` is kept out of the build by {ignore.path}",
                        hint=_hint(path, ignore),
                    )


def _is_ignored(path: str, ignore: Ignore) -> bool:
    if path.startswith(_REMOTE):
        return False
    clean = normpath(path)
    if clean in {".", "/", "//"}:
        return any(pattern in _EVERYTHING for _, pattern in ignore.patterns)
    return ignore.excludes(clean)


def _hint(path: str, ignore: Ignore) -> str:
    """Which pattern it is, for an ignore file of a usual length."""
    for number, pattern in ignore.patterns[:_MOST_PATTERNS]:
        if _is_ignored(path, Ignore(ignore.path, pattern)):
            return f"see the pattern `{pattern}` in line {number} of {ignore.path}"
    return f"add an exception to {ignore.path}"


def _place(link: BuildLink, file: Dockerfile, one: Instruction, word: str | None) -> Place:
    place = file.place(one, word)
    place = place if place.line == one.line else file.place(one)
    return in_inline(link.service, place) if link.service and link.is_inline else in_dockerfile(place, file.path)
