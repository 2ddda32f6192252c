"""What the files of a Node.js project say: its package manager, that one's version, and its workspaces."""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envgen.finding import EnvgenError
from envgen.runtimes.language import Request
from envgen.source import Data, parse

# the form that corepack demands: a name, an exact version, and maybe a hash
_PINNED = re.compile(r"(?P<name>[a-z]+)@(?P<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+.*)?")
_RELEASE = re.compile(r"yarn-(\d+\.\d+\.\d+)[^/]*\.[cm]?js$")
_SECTIONS = ("dependencies", "optionalDependencies", "peerDependencies")
# a script of the project's own that an install script starts: `node scripts/patch.js`, `sh ./setup.sh`
_OWN_SCRIPT = re.compile(r"(?:^|&&|;|\|\|)\s*(?:node|sh|bash)\s+(?:\./)?(?P<path>[\w@-][\w./@-]*\.(?:[cm]?js|sh))")
_INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A package of a monorepo: its folder, its name, and the dependencies that it names."""

    folder: str
    name: str
    needs: frozenset[str]
    prepares: bool  # whether it has a script `prepare`, which installing would run


def package(request: Request, folder: str = "") -> dict[str, Data]:
    """The package.json of a folder; nothing where there is none that can be read."""
    try:
        found = json.loads(request.text(posixpath.join(folder, "package.json")) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def settings(request: Request, file: str) -> dict[str, Data]:
    """The settings in a YAML file of the context; nothing where there is none that can be read."""
    try:
        found = parse(request.text(file), file).data
    except EnvgenError:
        return {}
    return found if isinstance(found, dict) else {}


def declared(files: Mapping[str, str | None]) -> tuple[str, str]:
    """The package manager that package.json names, and its exact version; "" for what it doesn't say."""
    try:
        manifest = json.loads(files.get("package.json") or "{}")
    except ValueError:
        return "", ""
    if not isinstance(manifest, dict):
        return "", ""
    pinned = _PINNED.fullmatch(str(manifest.get("packageManager", "")))
    if pinned:
        return pinned["name"], pinned["version"]
    engines = manifest.get("devEngines")
    named = engines.get("packageManager") if isinstance(engines, dict) else None
    if isinstance(named, dict) and isinstance(named.get("name"), str):
        exact = _PINNED.fullmatch(f"{named['name']}@{named.get('version')}")
        return named["name"], exact["version"] if exact else ""
    return "", ""


def yarn_release(request: Request) -> tuple[str, str]:
    """The copy of Yarn that lies in the project: its path and version; "" where there is none."""
    path = settings(request, ".yarnrc.yml").get("yarnPath")
    found = _RELEASE.search(path) if isinstance(path, str) else None
    return (posixpath.normpath(str(path)), found[1]) if found else ("", "")


def is_berry_lock(request: Request) -> bool:
    """Whether yarn.lock was written by Yarn 2 or later."""
    return re.search(r"^__metadata:", request.text("yarn.lock"), re.MULTILINE) is not None


def lock_version(request: Request, file: str) -> str:
    """The version of a lock file's format, as it says itself; "" where it says none."""
    form = {
        "pnpm-lock.yaml": r"^lockfileVersion:\s*['\"]?([\d.]+)",
        "yarn.lock": r"^__metadata:\s*\n\s+version:\s*(\d+)",
    }
    found = re.search(form[file], request.text(file), re.MULTILINE)
    return found[1] if found else ""


def workspaces(request: Request) -> tuple[Workspace, ...]:
    """The packages of a monorepo beside its root, by folder."""
    globs = _globs(request)
    if not globs:
        return ()
    found = []
    for path in request.matching("*/package.json"):
        folder = posixpath.dirname(path)
        if not _belongs(folder, globs):
            continue
        manifest = package(request, folder)
        sections = [manifest.get(section) for section in _SECTIONS]
        names = frozenset(name for section in sections if isinstance(section, dict) for name in section)
        name = manifest.get("name")
        scripts = manifest.get("scripts")
        found.append(
            Workspace(
                folder=folder,
                name=name if isinstance(name, str) else "",
                needs=names,
                prepares=isinstance(scripts, dict) and "prepare" in scripts,
            )
        )
    return tuple(found)


def _globs(request: Request) -> tuple[str, ...]:
    written = package(request).get("workspaces")
    if isinstance(written, dict):
        written = written.get("packages")
    if request.manager == "pnpm":
        written = settings(request, "pnpm-workspace.yaml").get("packages")
    return tuple(str(glob) for glob in written) if isinstance(written, list) else ()


def _belongs(folder: str, globs: Iterable[str]) -> bool:
    """Whether a folder is one of a monorepo's: the last glob that matches decides, and `!` excludes."""
    inside = False
    for glob in globs:
        if _pattern(glob.removeprefix("!")).fullmatch(folder):
            inside = not glob.startswith("!")
    return inside


def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*|\?)", posixpath.normpath(glob))
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meaning.get(part, re.escape(part)) for part in parts))


def chosen(request: Request) -> Workspace | None:
    """The workspace that `build.app` names, by folder or by package name; None where there is none."""
    if request.app is None:
        return None
    folder = posixpath.normpath(request.app)
    return next((one for one in workspaces(request) if folder == one.folder or request.app == one.name), None)


def needed(request: Request) -> tuple[Workspace, ...]:
    """The workspaces that the image needs: the app with those that it depends on, or all."""
    every, app = workspaces(request), chosen(request)
    if app is None:
        return every
    by_name = {one.name: one for one in every if one.name}
    found, waiting = {app.folder}, [app]
    while waiting:
        for name in waiting.pop().needs & by_name.keys():
            if by_name[name].folder not in found:
                found.add(by_name[name].folder)
                waiting.append(by_name[name])
    return tuple(one for one in every if one.folder in found)


def install_files(request: Request) -> tuple[str, ...]:
    """Further files that installing reads: settings, patches, plugins, and what install scripts start."""
    fixed = (".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "pnpm-workspace.yaml")
    found = [name for name in fixed if request.has(name)]
    found += request.matching("*.patch")
    found += request.matching("*schema.prisma")
    if request.manager == "yarn":
        path, _ = yarn_release(request)
        found += [path] if path else []
        plugins = settings(request, ".yarnrc.yml").get("plugins")
        for plugin in plugins if isinstance(plugins, list) else ():
            written = plugin.get("path") if isinstance(plugin, dict) else plugin
            if isinstance(written, str):
                found.append(posixpath.normpath(written))
        if request.has(".pnp.cjs"):  # committed, so the packages are, too
            found += [".yarn/cache/*", *(name for name in (".pnp.cjs", ".pnp.loader.mjs") if request.has(name))]
    scripts = package(request).get("scripts")
    if isinstance(scripts, dict):
        written = " && ".join(str(scripts.get(name, "")) for name in _INSTALL_SCRIPTS)
        found += [match["path"] for match in _OWN_SCRIPT.finditer(written)]
    return tuple(dict.fromkeys(found))
