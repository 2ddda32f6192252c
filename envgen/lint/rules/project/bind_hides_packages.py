import re
from collections.abc import Iterator
from posixpath import join, normpath

from envgen.finding import Severity
from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import Mount, listed
from envgen.lint.dockerfile.steps import Step
from envgen.lint.project import BuildLink, Project
from envgen.lint.rule import Violation, project_rule
from envgen.lint.rules.project._built import built
from envgen.lint.rules.project._mounts import host_path

_INSTALLS = (
    (re.compile(r"\b(?:npm|pnpm|bun) (?:ci|install|i)\b(?![^&;|\n]{0,200}\s(?:-g|--global)\b)"), "node_modules"),
    (re.compile(r"\byarn(?: install\b| --\S+|\s*(?:$|&&|;|\n))"), "node_modules"),
    (re.compile(r"\bcomposer(?:\.phar)? (?:install|update)\b"), "vendor"),
    (
        re.compile(
            r"\bpython3? -m venv (?:--\S+ )*(?:\.?/?|(?P<folder>/\S{1,200}/))\.venv\b"
            r"|\buv (?:sync|venv)\b(?![^&;|\n]{0,200}--system)"
        ),
        ".venv",
    ),
)
_GLOBAL = re.compile(r"\b(?:npm|pnpm|bun) (?:install|i)\b[^&;|\n]{0,300}\s(?:-g|--global|--location=global)\b")
_PREFIXED = re.compile(r"--(?:prefix|cwd|dir|working-dir|project)\b|\s-[dC]\s")
_ELSEWHERE = re.compile(r"(?<![\w.}])/node_modules\b|\bmv\s[^&;|\n]{0,200}(?:node_modules|vendor)|modules-folder")
_CD = re.compile(r"\bcd\s+([^\s;&|]+)")
_INSTALLING = re.compile(r"\b(?:install|ci|sync|update|setup|bootstrap)\b|\.sh\b|\byarn(?: --|\s*&&|\s*$)|\bmake\b")


@project_rule("EG318", "bind-hides-packages", Severity.WARNING, keys=("build",))
def check(project: Project) -> Iterator[Violation]:
    """A bind mount lies over the packages that were installed in the image.

    The container sees the host's folder and not the image's, so `node_modules`, `vendor` or `.venv` is gone unless the
    host has one, for another system perhaps. An anonymous volume at that path keeps the image's.

    Bad:

        --- compose.yaml
        services:
          web:
            build: .
            volumes:
              - .:/app
        --- Dockerfile
        FROM node:22
        WORKDIR /app
        COPY package.json .
        RUN npm install
        --- package.json
        {}

    Good:

        --- compose.yaml
        services:
          web:
            build: .
            volumes:
              - .:/app
              - /app/node_modules
        --- Dockerfile
        FROM node:22
        WORKDIR /app
        COPY package.json .
        RUN npm install
        --- package.json
        {}
    """
    for link in project.builds:
        service = link.service
        if service is None or not any(mount.type == "bind" for mount in service.mounts) or _installs_at_start(link):
            continue
        installed = _installed(link)
        for mount in service.mounts:
            hidden = [path for path in installed if _is_hidden(project, service, mount, path)]
            for path in hidden[:1]:
                yield Violation(
                    place=service.place(*mount.route),
                    message=f"this mount hides `{path}` of the image, and the host has no such folder",
                    hint=f"add an anonymous volume `{path}`, or mount only the folders with source code",
                )


def _installed(link: BuildLink) -> list[str]:
    found: dict[str, None] = {}
    if any(_ELSEWHERE.search(step.instruction.text) for step in link.lineage):
        return []
    for step in link.lineage:
        if step.instruction.name == "RUN":
            found |= dict.fromkeys(_by_run(step))
        elif step.instruction.name == "COPY" and step.instruction.flag("from"):
            found |= dict.fromkeys(_by_copy(step))
    return list(found)


def _by_run(step: Step) -> Iterator[str]:
    text = _GLOBAL.sub("", step.instruction.text)
    for pattern, name in _INSTALLS:
        match = pattern.search(text)
        if match is None or _PREFIXED.search(text):
            continue
        folder = step.workdir
        if "folder" in pattern.groupindex and match["folder"]:
            yield f"{match['folder'].rstrip('/')}/{name}"
            continue
        for change in _CD.findall(text[: match.start()]):
            moved = step.absolute(change.strip("\"'"))
            folder = moved if change.startswith(("/", "$")) else (normpath(join(folder, change)) if folder else None)
        if folder and folder != "/":
            yield f"{folder}/{name}"


def _by_copy(step: Step) -> Iterator[str]:
    *sources, target = step.instruction.args or ("",)
    place = step.absolute(target)
    for source in sources:
        name = source.rstrip("/").rpartition("/")[2]
        if name in {"node_modules", "vendor", ".venv"} and place:
            yield place if place.endswith(f"/{name}") else f"{place}/{name}"


def _is_hidden(project: Project, service: Service, mount: Mount, path: str) -> bool:
    target = mount.target.rstrip("/")
    source = host_path(project, service, mount)
    if source is None or not target.startswith("/") or not path.startswith(f"{target}/"):
        return False
    for other in service.mounts:
        inner = other.target.rstrip("/")
        if "$" in inner or (len(inner) > len(target) and f"{path}/".startswith(f"{inner}/")):
            return False
    tmpfs = service.data.get("tmpfs")
    for one in (tmpfs, *listed(tmpfs)):
        if isinstance(one, str) and path.startswith(one.partition(":")[0]):
            return False
    tree = project.tree
    return tree.is_folder(source) and not tree.exists(tree.join(source, path[len(target) + 1 :]))


def _installs_at_start(link: BuildLink) -> bool:
    """Whether what the container runs may install the packages, or hangs on a script that may."""
    service = link.service
    image = built(link)
    own = [str(service.data.get(key) or "") for key in ("command", "entrypoint", "environment")] if service else []
    if service is None or not service.data.get("command"):
        own.append(image.command.text if image.command else "")
    if service is None or not service.data.get("entrypoint"):
        own.append(image.entrypoint.text if image.entrypoint else "")
    said = " ".join(own).replace("', '", " ").replace('", "', " ").replace('","', " ")
    elsewhere = {"NODE_PATH", "UV_PROJECT_ENVIRONMENT", "COMPOSER_VENDOR_DIR", "NPM_CONFIG_PREFIX"}
    is_moved = any(elsewhere & set(step.values) for step in link.lineage[-1:]) or "NODE_PATH" in said
    return is_moved or "$" in said or _INSTALLING.search(said) is not None
