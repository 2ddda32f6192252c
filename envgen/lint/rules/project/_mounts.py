"""Mounts as they look on the host."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envgen.lint.composefile import Service
from envgen.lint.composefile.short_forms import Mount
from envgen.lint.place import Place
from envgen.lint.project import Project
from envgen.lint.rules.project import _around as around

_FILE = re.compile(
    r"\.(?:conf|cfg|cnf|ini|ya?ml|json5?|toml|sh|bash|sql|xml|properties|env|txt|crt|pem|key|cer|pub|js|ts|mjs|cjs|py|rb"
    r"|php|lua|rules|tmpl|tpl|template|htpasswd|html|css|csv|list|config|acl|repo|hcl|j2|lock|md|vcl|pl|db|sqlite3?|log"
    r"|sock|types|pac|passwd|htaccess)$",
    re.IGNORECASE,
)
_NAMES = frozenset({"Caddyfile", "Corefile", "Dockerfile", "Makefile", "Gemfile", "Procfile", "Pipfile", ".htpasswd"})


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that is mounted and isn't there; `is_local` where it is one that no checkout is to have."""

    path: str
    target: str
    place: Place
    is_local: bool


def host_path(project: Project, service: Service, mount: Mount) -> str | None:
    """The path of a bind mount on the host, as shown to the user; None where it isn't relative or isn't known."""
    source = mount.source
    if (
        mount.type != "bind"
        or not source
        or "$" in source
        or source.startswith(("/", "~"))
        or ":" in source
        or "\\" in source
    ):
        return None
    return project.tree.join(service.compose.folder("services", service.name, *mount.route), source)


def missing_files(project: Project) -> Iterator[MissingFile]:
    """Every relative bind mount of what looks like a file and doesn't exist."""
    if project.compose is None:
        return
    tree = project.tree
    for service in project.compose.services.values():
        for mount in service.mounts:
            path = host_path(project, service, mount)
            if path is None or tree.exists(path) or not _is_file(mount):
                continue
            root = around.root_of(tree, project.compose.path)
            if not around.is_inside(path, root) or around.is_submodule(tree, path, root):
                continue
            if around.is_from_above(tree, project.compose.path, mount.source, root):
                continue
            if mount.source.startswith("../") and not tree.exists(tree.beside(path, ".")):
                continue  # laid out by a tool that deploys the file
            is_local = (
                around.is_ignored_by_git(tree, path, root)
                or around.template_of(tree, path) is not None
                or around.looks_built(path)
                or _is_made_by_another(project, service, mount)
            )
            yield MissingFile(path, mount.target, service.place(*mount.route), is_local)


def _is_file(mount: Mount) -> bool:
    source, target = mount.source.rstrip("/"), mount.target
    name = source.rpartition("/")[2]
    if mount.source.endswith("/") or target.endswith("/"):
        return False
    if _FILE.search(name) or name in _NAMES:
        return not name.endswith((".d", ".db", ".log")) or bool(_FILE.search(target))
    inner = target.rpartition("/")[2]
    return bool(_FILE.search(inner)) and not name.endswith(".d")


def _is_made_by_another(project: Project, service: Service, mount: Mount) -> bool:
    """Whether another service writes into the folder that the file lies in."""
    folder = mount.source.removeprefix("./").rpartition("/")[0]
    if not folder or project.compose is None:
        return False
    for other in project.compose.services.values():
        for one in other.mounts:
            source = one.source.removeprefix("./").rstrip("/")
            is_writer = other is not service and one.type == "bind" and not one.read_only
            if is_writer and source not in {"", "."} and f"{folder}/".startswith(f"{source}/"):
                return True
    return False
