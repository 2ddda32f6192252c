import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import join, normpath

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import listed
from envgen.lint.dockerfile import Instruction
from envgen.lint.place import Place
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project import _around as around
from envgen.lint.rules.project._bases import base
from envgen.lint.rules.project._built import built

_INTERPRETERS = frozenset({"python", "python3", "node", "ruby", "php", "bash", "sh", "/bin/sh", "/bin/bash", "perl"})
_SCRIPT = re.compile(r"^(?:\./|/)?[\w.@-]+(?:/[\w.@-]+)*\.(?:py|js|mjs|cjs|rb|php|sh|pl)$")
_QUIET = re.compile(
    r"\b(?:pip3?|uv|apt-get|apt|apk|npm|yarn|pnpm|bundle|composer|gem|adduser|addgroup|useradd|groupadd|chown|mkdir|rm"
    r"|update-ca-certificates|pipenv|poetry|set|corepack)\b"
)
_BUILDS = re.compile(
    r"\bbuild\b|\btsc\b|webpack|\bcompile|\bclone\b|\bcurl\b|\bwget\b|\bcp\b|\bmv\b|\bln\b|\btar\b|unzip|\bmake\b|>|\btee\b"
    r"|generate|\btouch\b|\bcreate|\bnew\b|\binit\b|\bexport\b|\bbundle\b(?! install)|\.sh\b|\$"
)


@project_rule("EG324", "start-file-missing", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A container starts with a file that nothing brings into its image.

    The file is not in the build context where the command looks for it, and no RUN makes it: the container stops at
    once with "no such file or directory".

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
            command: [python, serve.py]
        --- Dockerfile
        FROM python:3.13
        WORKDIR /app
        COPY . .
        --- server.py
        print("hello")
        --- .dockerignore
        .git

    Good:

        --- compose.yaml
        services:
          api:
            build: .
            command: [python, server.py]
        --- Dockerfile
        FROM python:3.13
        WORKDIR /app
        COPY . .
        --- server.py
        print("hello")
        --- .dockerignore
        .git
    """
    for link in project.builds:
        if (
            not link.has_context
            or link.context is None
            or not link.copies
            or link.base is None
            or base(link.base) is None
        ):
            continue
        if not _is_transparent(link):
            continue
        for words, place in _commands(link):
            name = _script(words)
            path = _in_image(link, name) if name else None
            if name and path and _is_lost(project, link, path):
                yield Violation(
                    place=place,
                    message=f"`{path}` is started, but nothing brings it into the image",
                    hint=f"`{link.context}` has no such file at the place that is copied there",
                )


def _commands(link: BuildLink) -> Iterator[tuple[list[str], Place]]:
    """The words of what starts the container, with places: the service's own, or else the image's."""
    service, image = link.service, built(link)
    own = service.data if service else {}
    if service is not None:
        for key in ("entrypoint", "command"):
            if own.get(key) is not None:
                yield _words_of(service, key), service.place(key)
    instructions: list[Instruction | None] = []
    if own.get("entrypoint") is None:
        instructions.append(image.entrypoint)
        if own.get("command") is None:
            instructions.append(image.command)
    for one in instructions:
        if one is not None and one.args:
            words = list(one.args) if one.is_json else _split(one.args[0])
            name = _script(words)
            yield words, link.place(one, name)


def _words_of(service: Service, key: str) -> list[str]:
    value = service.data.get(key)
    return _split(value) if isinstance(value, str) else [str(one) for one in listed(value)]


def _split(text: str) -> list[str]:
    try:
        return [] if any(char in text for char in "$;&|<>(`") else shlex.split(text)
    except ValueError:
        return []


def _script(words: list[str]) -> str | None:
    """The file that is started: the first word, or what an interpreter is given."""
    if any("$" in word for word in words) or not words:
        return None
    if words[0] in _INTERPRETERS:
        words = words[1:]
        if words and words[0] in {"-u", "-e", "-x", "-B", "-O"} and len(words) > 1 and "-c" not in words:
            words = words[1:]
    elif not words[0].startswith(("./", "/")):
        return None
    return words[0] if words and _SCRIPT.match(words[0]) else None


def _in_image(link: BuildLink, name: str) -> str | None:
    service = link.service
    workdir = service.data.get("working_dir") if service else None
    if isinstance(workdir, str):
        folder = None if "$" in workdir or not workdir.startswith("/") else workdir
    else:
        folder = next((one.workdir for one in reversed(link.lineage)), None)
        last = link.lineage[-1]
        if last.instruction.name == "WORKDIR" and last.instruction.args:
            folder = last.absolute(last.instruction.args[0])
    if name.startswith("/"):
        return normpath(name)
    return normpath(join(folder, name)) if folder else None


def _is_transparent(link: BuildLink) -> bool:
    """Whether every step of the image is one that makes no files of its own."""
    for step in link.lineage:
        instruction = step.instruction
        if instruction.name == "RUN":
            if instruction.heredocs or _BUILDS.search(instruction.text) or not _QUIET.search(instruction.text):
                return False
        elif instruction.name in {"COPY", "ADD"} and _is_opaque(instruction):
            return False
    return True


def _is_opaque(copy: Instruction) -> bool:
    """Whether it can't be seen which files a COPY or ADD makes."""
    return bool(
        copy.name == "ADD" or copy.heredocs or copy.flag("from") is not None or copy.flag("parents") is not None
    )


def _is_lost(project: Project, link: BuildLink, path: str) -> bool:
    tree, context = project.tree, link.context or ""
    covered = False
    for one in link.copies:
        if one.path is None or one.target is None:
            return False
        if one.has_glob:
            if fnmatchcase(path.rpartition("/")[2], one.path.rpartition("/")[2]):
                return False
            continue
        source = tree.join(context, one.path)
        name = one.path.rpartition("/")[2]
        if tree.is_folder(source) and f"{path}/".startswith(f"{one.target.rstrip('/')}/"):
            covered = True
            inner = normpath(join(one.path, path[len(one.target.rstrip("/")) + 1 :]))
            if _exists_or_comes(project, link, inner):
                return False
        elif path in {one.target, join(one.target, name)}:
            return False
    service = link.service
    for mount in service.mounts if service else ():
        target = mount.target.rstrip("/")
        if "$" in target or f"{path}/".startswith(f"{target}/"):
            return False
    return covered or not any(one.path == "." for one in link.copies)


def _exists_or_comes(project: Project, link: BuildLink, inner: str) -> bool:
    tree = project.tree
    path = tree.join(link.context or "", inner)
    root = around.root_of(tree, link.context or "")
    return tree.exists(path) or around.is_ignored_by_git(tree, path, root) or around.looks_built(inner)
