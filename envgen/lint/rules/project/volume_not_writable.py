import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import Mount, mapped, text_of
from envgen.lint.dockerfile.steps import Copied
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._bases import base

_MAKES = re.compile(r"\b(?:mkdir|install\s+-\S*d|chown|chmod|mv|cp|ln|touch|rsync|tar|unzip|git clone|su|gosu)\b")
_OWNS = re.compile(
    r"\b(?:chown|chmod|setfacl|umask|su|su-exec|gosu|rsync|tar|cp|mv|ln|usermod|git)\b|(?:RUN|&&|;)\s+install\s|\.sh\b|-m"
)
_MKDIR = re.compile(r"\bmkdir\s+([^&;|\n]{1,500})")
_ROOT = frozenset({"", "root", "0"})


@project_rule("EG322", "volume-not-writable", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A named volume is mounted where the image has no folder, and the container doesn't run as root.

    Docker makes the folder then, and it belongs to root: the program can't write into its own volume. A new volume
    takes owner and mode of the image's folder at that path, so make it and give it to the user in the Dockerfile.

    Bad:

        --- compose.yaml
        services:
          api:
            build: .
            volumes: [uploads:/srv/uploads]
        volumes:
          uploads: {}
        --- Dockerfile
        FROM node:22
        USER node

    Good:

        --- compose.yaml
        services:
          api:
            build: .
            volumes: [uploads:/srv/uploads]
        volumes:
          uploads: {}
        --- Dockerfile
        FROM node:22
        RUN mkdir -p /srv/uploads && chown node:node /srv/uploads
        USER node
    """
    for link in project.builds:
        service = link.service
        if service is None or not any(mount.type == "volume" and mount.source for mount in service.mounts):
            continue
        known = base(link.base) if link.base else None
        user = _user(link, service)
        if known is None or known.users is None or user is None or user in _ROOT:
            continue
        for mount in service.mounts:
            if not _is_plain(project, service, mount):
                continue
            is_made = _is_made_by_root(project, link, mount.target.rstrip("/"))
            if is_made or not _may_exist(project, link, mount.target.rstrip("/")):
                why = "belongs to root in the image" if is_made else "doesn't exist in the image"
                and_so = "the volume does, too," if is_made else "the volume belongs to root"
                yield Violation(
                    place=service.place(*mount.route),
                    message=f"`{mount.target}` {why}, so {and_so} and the user `{user}` can't write into it",
                    hint=f"in the Dockerfile: `RUN mkdir -p {mount.target} && chown {user} {mount.target}` before USER",
                )


def _user(link: BuildLink, service: Service) -> str | None:
    """The user's name or number without a group; None where that isn't known."""
    own = text_of(service.data.get("user"))
    if own is None:
        file = link.parsed
        own = "root"
        for step in link.lineage:
            if step.instruction.name == "USER" and step.instruction.args:
                word = step.expand(step.instruction.args[0])
                if word is None or file is None:
                    return None
                own = word
    return None if "$" in own else own.partition(":")[0]


def _is_plain(project: Project, service: Service, mount: Mount) -> bool:
    """Whether this is a volume that starts empty and that only this service, or one built alike, fills."""
    target = mount.target
    if mount.type != "volume" or not mount.source or mount.read_only or "$" in target + mount.source:
        return False
    if not target.startswith("/") or project.compose is None or any("subpath" in one for one in mount.options):
        return False
    settings = mapped(project.compose.section("volumes").get(mount.source))
    if settings.get("external") or settings.get("driver_opts") or settings.get("driver") not in (None, "local"):
        return False
    own = project.build_of(service.name)
    for other in project.compose.services.values():
        if other is service or not any(one.source == mount.source for one in other.mounts):
            continue
        build = project.build_of(other.name)
        if build is None or own is None or build.dockerfile_path != own.dockerfile_path or _user(build, other) in _ROOT:
            return False
    return True


def _may_exist(project: Project, link: BuildLink, target: str) -> bool:
    """Whether the image may have a folder at a path, by anything in its stages that may have made it."""
    name = target.rpartition("/")[2]
    if name in {"node_modules", "vendor", ".venv", ".git"}:
        return True  # such a volume is there to hide the host's
    for step in link.steps:
        instruction = step.instruction
        match instruction.name:
            case "RUN":
                text = instruction.text + "".join(one.content for one in instruction.heredocs)
                if target in text or (_MAKES.search(text) and (name in text or "$" in text)) or ".sh" in text:
                    return True
            case "WORKDIR":
                if any(f"{step.absolute(word) or target}/".startswith(f"{target}/") for word in instruction.args):
                    return True
            case "COPY" | "ADD" if instruction.args:
                if _is_copied(step.absolute(instruction.args[-1]), instruction.args, target):
                    return True
                if instruction.name == "ADD" and step.absolute(instruction.args[-1]) in (None, "/"):
                    return True
    return any(_made_below(project, link, one.path, one.target, target) for one in link.copies)


def _is_made_by_root(project: Project, link: BuildLink, target: str) -> bool:
    """Whether the folder is made by a plain `mkdir` of root's, and nothing in the stages may change its owner."""
    makes = False
    for step in link.lineage:
        instruction = step.instruction
        text = instruction.text
        if instruction.heredocs or (instruction.name == "RUN" and _OWNS.search(text)):
            return False
        if instruction.name in {"COPY", "ADD"}:
            place = step.absolute(instruction.args[-1]) if instruction.args else None
            if place is None or f"{place}/".startswith(f"{target}/") or f"{target}/".startswith(f"{place}/"):
                inner = target[len(place) + 1 :] if place else ""
                copies = [one for one in link.copies if one.step is step]
                if place is None or not inner or not copies or _brings(project, link, copies, inner):
                    return False
        elif instruction.name == "RUN" and (step.user in (None, *_ROOT)):
            made = (word.strip("\"'") for words in _MKDIR.findall(text) for word in words.split())
            makes = makes or any(step.absolute(word) == target for word in made if word[:1] != "-")
    return makes


def _brings(project: Project, link: BuildLink, copies: list[Copied], inner: str) -> bool:
    """Whether a COPY may bring the folder along, with the owner that it gives to it."""
    for one in copies:
        if one.path is None or one.has_glob or link.context is None:
            return True
        path = join(one.path, inner)
        if project.tree.exists(project.tree.join(link.context, path)) and not (
            link.ignore and link.ignore.excludes(normpath(path))
        ):
            return True
    return False


def _is_copied(place: str | None, words: tuple[str, ...], target: str) -> bool:
    """Whether a COPY goes to the path itself or below it; `place` is where it goes."""
    if place is None:
        return True
    into = [place, *(normpath(join(place, word.rstrip("/").rpartition("/")[2])) for word in words[:-1])]
    return any(f"{one}/".startswith(f"{target}/") for one in into)


def _made_below(project: Project, link: BuildLink, path: str | None, place: str | None, target: str) -> bool:
    """Whether a folder copied from the context brings the path along."""
    if path is None or place is None or link.context is None:
        return True
    if not f"{target}/".startswith(f"{place.rstrip('/')}/"):
        return False
    inner = target[len(place.rstrip("/")) + 1 :]
    return project.tree.exists(project.tree.join(link.context, join(path, inner))) or dirname(inner) == "node_modules"
