from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Stage
from envgen.lint.rule import Violation, dockerfile_rule

_LOCKS = ("package-lock.json", "package-lock*", "npm-shrinkwrap.json", "package*.json", "package*")


@dockerfile_rule("EG173", "npm-install-not-ci", Severity.INFO, same_as=("droast/DF031", "df-doctor/DD010"))
def check(file: Dockerfile) -> Iterator[Violation]:
    """`npm install` may install other versions than the lock file names.

    It changes the lock file where package.json asks for something else, and nobody sees it inside of a build. `npm ci`
    installs what is locked, fails where the two differ, and is faster.

    Bad:

        FROM node:22
        COPY package.json package-lock.json ./
        RUN npm install

    Good:

        FROM node:22
        COPY package.json package-lock.json ./
        RUN npm ci
    """
    if any(True for _ in file.shell.calls("npm")):
        for stage in file.stages:
            yield from _in_stage(file, stage)


def _in_stage(file: Dockerfile, stage: Stage) -> Iterator[Violation]:
    lock = None
    for one in stage.instructions:
        if one.name in {"COPY", "ADD"} and any(word.strip("\"'").endswith(_LOCKS) for word in one.args[:-1]):
            lock = lock or one
        elif one.name == "RUN" and lock is not None:
            for script in file.shell.of(one):
                for command in script.commands:
                    if command.program != "npm" or command.has("-g", "--global", "--no-package-lock"):
                        continue
                    if [word for word in command.args if word[:1] != "-"] in (["install"], ["i"]):
                        yield Violation(
                            place=script.word(command),
                            message=f"`npm install` may change what the lock file of line {lock.line} says",
                            hint="use `npm ci`",
                        )
