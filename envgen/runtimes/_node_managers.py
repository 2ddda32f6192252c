"""The package managers of Node.js: which version is used, and the commands that install with it.

Sources: the documentation of `npm ci`, `yarn install` (1 and 4), `yarn workspaces focus`, `pnpm install` and
`pnpm` filters, and runs of npm 6 to 11, Yarn 1, 3 and 4, and pnpm 8 to 11 (2026-11-24). Which versions there are, what
Node they need and which lock files they write is data in node.toml.
"""

import posixpath
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from envgen.runtimes import _node_project as project
from envgen.runtimes.language import Command, Request

_OMIT_SINCE = 7  # npm 6 takes `--omit=dev` without a word and installs development dependencies
_BERRY = 2  # the first version of Yarn that is not "classic"
FOCUS_SINCE = 4  # Yarn has `workspaces focus` built in
NPM_CACHE = ("/root/.npm",)
_STORE = "/root/.pnpm-store"
_QUIET = "--no-audit --no-fund"
_REGISTRY = re.compile(r"^registry\s*=\s*([^\s${}]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A package manager in a version; `path` is where it lies in the project, where it does."""

    name: str
    version: str
    path: str = ""

    @property
    def major(self) -> int:
        """Its major version."""
        return int(self.version.partition(".")[0])

    @property
    def label(self) -> str:
        """As people call it, such as `pnpm 10`."""
        return f"{self.name} {self.major}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installing:
    """How a package manager is had and what it runs; `dependencies` are the folders that it fills."""

    prepare: Command = ()
    production: Command
    everything: Command
    caches: tuple[str, ...]
    dependencies: tuple[str, ...]
    environment: Mapping[str, str]
    clean: str  # the command that removes what is installed for development


@cache
def facts() -> Mapping[str, Mapping[str, str]]:
    """What node.toml says of package managers, by subject."""
    data = tomllib.loads(files(__package__).joinpath("node.toml").read_text(encoding="utf-8"))
    found: Mapping[str, Mapping[str, str]] = data["managers"]
    return found


def tool(request: Request) -> Tool:
    """The package manager and its version: package.json pins it, else a copy in the project, else the lock file."""
    name, version = project.declared(request.files or {})
    pinned = version if name == request.manager else ""
    if request.manager == "npm":
        return Tool(name="npm", version=pinned or str(request.release.facts["npm"]))
    if request.manager == "pnpm":
        written = facts()["pnpm_by_lock"]
        form = project.lock_version(request, "pnpm-lock.yaml")
        return Tool(name="pnpm", version=pinned or written.get(form, written["newest"]))
    path, own = project.yarn_release(request)
    if own:
        return Tool(name="yarn", version=own, path=path)
    if pinned:
        return Tool(name="yarn", version=pinned)
    written = facts()["yarn_by_lock"]
    if project.is_berry_lock(request):
        return Tool(name="yarn", version=written.get(project.lock_version(request, "yarn.lock"), written["newest"]))
    newer = request.has(".yarnrc.yml") and not request.has("yarn.lock")
    return Tool(name="yarn", version=written["newest" if newer else "classic"])


def plug_and_play(request: Request, used: Tool) -> bool:
    """Whether packages stay in archives, and no node_modules is made: how Yarn works unless it is told otherwise."""
    if used.name != "yarn" or used.major < _BERRY:
        return False
    return project.settings(request, ".yarnrc.yml").get("nodeLinker", "pnp") == "pnp"


def installing(request: Request) -> Installing:
    """How the dependencies of a project are installed."""
    used = tool(request)
    if used.name == "pnpm":
        return _pnpm(request, used)
    if used.name == "yarn":
        return _berry(request, used) if used.major >= _BERRY else _classic(request, used)
    return _npm(request, used)


def _global(request: Request, what: str, flags: str = "") -> Command:
    registry = _REGISTRY.search(request.text(".npmrc"))
    named = f" --registry={shlex.quote(registry[1])}" if registry else ""
    return (f"npm install --global{flags} {_QUIET}{named} {what}",)


def _has_yarn(request: Request) -> bool:
    """Whether the image has Yarn 1 (https://github.com/nodejs/docker-node: not since Node 26)."""
    return int(request.release.major) < int(facts()["image"]["without_yarn_since"])


def _folders(request: Request) -> tuple[str, ...]:
    nested = (posixpath.join(one.folder, "node_modules") for one in project.needed(request))
    return ("node_modules", *nested)


def _clean(request: Request) -> str:
    nested = bool(project.workspaces(request))
    return "find . -name node_modules -type d -prune -exec rm -rf {} +" if nested else "rm -rf node_modules"


def _without_prepare(request: Request) -> Command:
    """Drops the script `prepare`, which is for those who develop the package, and needs what they have installed."""
    scripts = project.package(request).get("scripts")
    places = [""] if isinstance(scripts, dict) and "prepare" in scripts else []
    places += [one.folder for one in project.needed(request) if one.prepares]
    if int(request.release.facts["npm"]) < _OMIT_SINCE:
        script = "const p=require('./package.json');delete p.scripts.prepare;"
        written = "require('fs').writeFileSync('package.json',JSON.stringify(p))"
        return (f"node -e {shlex.quote(script + written)}",) if "" in places else ()
    prefixes = (f" --prefix {shlex.quote(place)}" if place else "" for place in places)
    return tuple(f"npm{prefix} pkg delete scripts.prepare" for prefix in prefixes)


def _npm(request: Request, used: Tool) -> Installing:
    own = int(request.release.facts["npm"])
    production = "--omit=dev" if used.major >= _OMIT_SINCE else "--only=production"
    only = ""
    if project.chosen(request):
        only = "".join(f" --workspace={shlex.quote(one.folder)}" for one in project.needed(request))
    root = " --include-workspace-root" if only else ""
    return Installing(
        prepare=_global(request, f"npm@{used.version}") if used.major != own else (),
        production=(*_without_prepare(request), f"npm ci {production} {_QUIET}{only}{root}"),
        everything=(f"npm ci {_QUIET}{only}{root}",),
        caches=NPM_CACHE,
        dependencies=_folders(request),
        environment={},
        clean=_clean(request),
    )


def _classic(request: Request, used: Tool) -> Installing:
    install = "yarn install --frozen-lockfile --non-interactive"
    return Installing(
        prepare=() if _has_yarn(request) else _global(request, f"yarn@{used.version}"),
        production=(f"{install} --production",),
        everything=(install,),
        caches=("/usr/local/share/.cache/yarn",),
        dependencies=_folders(request),
        environment={},
        clean=_clean(request),
    )


def _berry(request: Request, used: Tool) -> Installing:
    app = project.chosen(request)
    what = f" {shlex.quote(app.name)}" if app and app.name else " --all" if project.workspaces(request) else ""
    if used.path and _has_yarn(request):  # Yarn 1 hands over to the copy in the project
        prepare: Command = ()
    else:
        flags = " --force" if _has_yarn(request) else ""  # in place of the image's own
        prepare = _global(request, f"@yarnpkg/cli-dist@{used.version}", flags)
    packed = plug_and_play(request, used)
    # `focus` takes a lock file that is out of date without a word, and `--immutable` would install all dependencies
    checked = ("cp yarn.lock /tmp/yarn.lock", "yarn install --mode=update-lockfile", "cmp yarn.lock /tmp/yarn.lock")
    made = ("touch .pnp.loader.mjs",) if packed else ()  # it is there for ES modules only
    return Installing(
        prepare=prepare,
        production=(*checked, f"yarn workspaces focus --production{what}", *made),
        everything=("yarn install --immutable",),
        caches=("/root/.yarn/berry",),
        dependencies=("/app/.yarn", "/app/.pnp.cjs", "/app/.pnp.loader.mjs") if packed else _folders(request),
        environment={
            "YARN_ENABLE_TELEMETRY": "0",
            **({"YARN_ENABLE_GLOBAL_CACHE": "false"} if packed else {}),
        },
        clean="rm -rf .pnp.cjs .pnp.loader.mjs .yarn" if packed else _clean(request),
    )


def _pnpm(request: Request, used: Tool) -> Installing:
    install = f"pnpm install --frozen-lockfile --store-dir {_STORE}"
    app = project.chosen(request)
    only = f" --filter {shlex.quote(f'{app.name}...' if app.name else f'{{{app.folder}}}...')}" if app else ""
    return Installing(
        prepare=_global(request, f"pnpm@{used.version}"),
        production=(*_without_prepare(request), f"{install} --prod{only}"),
        everything=(install,),
        caches=(_STORE,),
        dependencies=_folders(request),
        environment={},
        clean=_clean(request),
    )
