from __future__ import annotations

import re
from collections.abc import Iterator

from envgen.finding import Severity
from envgen.lint.dockerfile import Dockerfile, Instruction
from envgen.lint.rule import Violation, dockerfile_rule
from envgen.lint.rules.dockerfile._arguments import is_predefined, names, referenced

# programs that take nothing from a variable whose name isn't written on their command line
_DEAF = frozenset(
    {
        *(
            "",
            "[",
            "[[",
            ":",
            "test",
            "set",
            "echo",
            "printf",
            "true",
            "false",
            "cd",
            "mkdir",
            "rm",
            "rmdir",
            "cp",
            "mv",
        ),
        *("ln", "touch", "cat", "chmod", "chown", "chgrp", "sed", "grep", "awk", "find", "xargs", "ls", "sort", "tr"),
        *("tar", "unzip", "gunzip", "gzip", "sha256sum", "sha512sum", "useradd", "adduser", "groupadd", "addgroup"),
        *("usermod", "groupmod", "apt-get", "apt", "apk", "install", "id", "for", "exit", "basename", "dirname", "cut"),
        *(
            "head",
            "tail",
            "tee",
            "export",
            "ldconfig",
            "update-ca-certificates",
            "locale-gen",
            "which",
            "command",
            "date",
            "docker-php-ext-install",
            "docker-php-ext-enable",
        ),
    }
)
_GO = (("build",), ("install",), ("mod",), ("vet",), ("env",))  # they read variables named after Go only
_NAME = re.compile(r"[A-Za-z_]\w*")
_HEARD = re.compile(
    r"(?i)proxy|^DEBIAN_|^APT_|^DEBCONF|^LC_|^LANG|^TZ$|^PATH$|^HOME$|^UCF_|^NEEDRESTART|^SOURCE_DATE|CACHE|FLAGS$|^CC$|^CXX$|^C?GO"
)


@dockerfile_rule("EG158", "unused-arg", Severity.WARNING)
def check(file: Dockerfile) -> Iterator[Violation]:
    """An ARG is declared and nothing reads it.

    `--build-arg` then changes nothing, apart from throwing away the layers below. ARGs are environment variables of
    every RUN, so this is said only where no RUN below could read it.

    Bad:

        FROM debian:12
        ARG VERSION=1
        RUN mkdir /app
        COPY . /app

    Good:

        FROM debian:12
        ARG VERSION=1
        RUN mkdir /app-$VERSION
    """
    if not any(one.stage is not None for one in file.every("ARG")):
        return
    states: dict[int, _Below] = {}
    for_from: set[str] = set()
    for stage in reversed(file.stages):
        below = states.pop(stage.index, None) or _Below()
        for one in reversed(stage.instructions):
            if one.name == "ARG":
                below.words |= referenced(" ".join(one.args))
                for name in names(one):
                    if not below.reads(name) and name not in for_from and _is_judged(name):
                        yield Violation(
                            place=file.place(one, name),
                            message=f"nothing reads the build argument `{name}`",
                            hint="remove it, or use it",
                        )
            elif not below.is_loud:
                below.add(file, one)
        for_from |= referenced(stage.origin.text)
        parent = file.parent(stage)
        if parent is not None:
            other = states.get(parent.index)
            states[parent.index] = below.joined(other) if other else below


class _Below:
    """What the instructions below a place read, those of the stages built on this one included."""

    __slots__ = ("is_loud", "words")

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.is_loud = False

    def reads(self, name: str) -> bool:
        return self.is_loud or name in self.words

    def add(self, file: Dockerfile, one: Instruction) -> None:
        if one.name == "ONBUILD" or (one.name == "RUN" and not _is_deaf(file, one)):
            self.is_loud = True
            return
        self.words.update(_NAME.findall(one.text))
        for heredoc in one.heredocs:
            self.words.update(_NAME.findall(heredoc.content))

    def joined(self, other: _Below) -> _Below:
        """Both together; the larger one takes in the other, so that many stages cost no more than their text."""
        small, large = sorted((self, other), key=lambda one: len(one.words))
        large.words |= small.words
        large.is_loud = large.is_loud or small.is_loud
        return large


def _is_judged(name: str) -> bool:
    return name.isidentifier() and not is_predefined(name) and not _HEARD.search(name)


def _is_deaf(file: Dockerfile, run: Instruction) -> bool:
    scripts = file.shell.of(run)
    return bool(scripts) and all(
        command.program in _DEAF or (command.program == "go" and command.args[:1] in _GO)
        for script in scripts
        for command in script.commands
    )
