import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction, Stage
from envgen.lint.dockerfile.shell_split import Command
from envgen.lint.rule import Violation, dockerfile_rule

_ALL = frozenset({".", "./", "./.", "/", "*", "./*"})
_INSTALLS: dict[str, tuple[re.Pattern[str], str]] = {
    "npm": (re.compile(r"(?:ci|clean-install|install|i)(?: -\S+)*"), "package.json and package-lock.json"),
    "yarn": (re.compile(r"(?:(?:install)?(?: ?-\S+)*)"), "package.json and yarn.lock"),
    "pnpm": (re.compile(r"(?:install|i)(?: -\S+)*"), "package.json and pnpm-lock.yaml"),
    "bun": (re.compile(r"(?:install|i)(?: -\S+)*"), "package.json and bun.lock"),
    "pip": (re.compile(r"(?:-\S+ )*install .*(?:-r ?|--requirement[= ])\S+.*"), "the requirements file"),
    "pip3": (re.compile(r"(?:-\S+ )*install .*(?:-r ?|--requirement[= ])\S+.*"), "the requirements file"),
    "poetry": (re.compile(r"install.*"), "pyproject.toml and poetry.lock"),
    "pipenv": (re.compile(r"(?:install|sync)(?: -\S+)*"), "Pipfile and Pipfile.lock"),
    "uv": (re.compile(r"sync.*|pip install .*-r ?\S+.*"), "pyproject.toml and uv.lock"),
    "bundle": (re.compile(r"install.*|"), "Gemfile and Gemfile.lock"),
    "composer": (re.compile(r"install.*"), "composer.json and composer.lock"),
    "go": (re.compile(r"mod download.*|get -d.*"), "go.mod and go.sum"),
    "cargo": (re.compile(r"fetch.*"), "Cargo.toml and Cargo.lock"),
    "mvn": (re.compile(r".*dependency:(?:go-offline|resolve)\b.*"), "pom.xml"),
    "dotnet": (re.compile(r"restore.*"), "the project files"),
    "mix": (re.compile(r"deps\.get.*"), "mix.exs and mix.lock"),
}


@dockerfile_rule("EG167", "copy-before-install", Severity.INFO, same_as=("df-doctor/DD006",))
def check(file: Dockerfile) -> Iterator[Violation]:
    """Everything is copied before the dependencies are installed.

    Each change of any file then throws away the layer with the dependencies, and they are fetched again at every build.
    Copy what names them first, install, and copy the rest.

    Bad:

        FROM node:22
        COPY . /app
        RUN npm ci

    Good:

        FROM node:22
        COPY package.json package-lock.json /app/
        RUN npm ci
        COPY . /app
    """
    if any(True for _ in file.shell.calls(*_INSTALLS)):
        for stage in file.stages:
            yield from _in_stage(file, stage)


def _in_stage(file: Dockerfile, stage: Stage) -> Iterator[Violation]:
    copied: Instruction | None = None
    done: set[str] = set()
    for one in stage.instructions:
        if one.name in {"COPY", "ADD"}:
            if one.flag("from") is None and _ALL.intersection(one.args[:-1]):
                copied = copied or one
        elif one.name == "RUN":
            for script in file.shell.of(one):
                for command in script.commands:
                    files = _installs(command)
                    if files is None or command.program in done:
                        continue
                    done.add(command.program)
                    if copied is not None:
                        yield Violation(
                            place=script.word(command),
                            message=f"each changed file makes this install run again: line {copied.line} copies all",
                            hint=f"copy {files} first, install, and copy the rest below",
                        )


def _installs(command: Command) -> str | None:
    known = _INSTALLS.get(command.program)
    return known[1] if known and known[0].fullmatch(" ".join(command.args)) else None
