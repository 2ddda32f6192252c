"""Node.js with npm, Yarn or pnpm.

Sources: the official image (https://github.com/nodejs/docker-node: user node 1000:1000), npm's documentation of
`npm ci`, and runs of npm 6, 8 and 10 (2026-11-23). The package managers are in `_node_managers`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from envgen.runtimes import _node_managers as managers
from envgen.runtimes import _node_project as project
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Recipe, Release, Request, Trouble, load_releases

_LOCKFILE_3_SINCE = 7
_WORKSPACES_SINCE = 7
_MEBIBYTE = 1024 * 1024
# the rest of the container's memory is for what V8 keeps outside of its old space, and for buffers
_HEAP_SHARE = 0.75
_LOCKS: Mapping[str, tuple[str, ...]] = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"),
    "yarn": ("yarn.lock",),
    "pnpm": ("pnpm-lock.yaml",),
}
_TOKEN = re.compile(r"^[^#;\n]*_(?:authToken|auth|password)\s*=\s*(?!\s*['\"]?\$\{)\S", re.MULTILINE)
_COMMANDS = {"npm": "`npm ci`", "yarn": "`yarn install`", "pnpm": "`pnpm install`"}

_PROBE = (
    "require('http').get({host:'127.0.0.1',port:PORT,path:PATH,timeout:2500},"
    "r=>process.exit(r.statusCode<400?0:1))"
    ".on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))"
)


def _npm(release: Release) -> int:
    return int(release.facts["npm"])


def _recipe(request: Request) -> Recipe:
    how = managers.installing(request)
    app = project.chosen(request)
    folders = [one.folder for one in project.needed(request)] if app else []
    return Recipe(
        base=request.image or LANGUAGE.image_reference(request.version, request.variant),
        distro=Distro.of_variant(request.variant),
        users={"node": (1000, 1000)},
        environment={"NODE_ENV": "production"},
        build_environment=how.environment,
        dev_environment={"NODE_ENV": "development"},
        test_environment={"NODE_ENV": "test"},
        certificates=("NODE_EXTRA_CA_CERTS",),
        prepare=how.prepare,
        prepare_caches=managers.NPM_CACHE,
        manifests=_manifests(request),
        install=how.production,
        install_all=how.everything,
        clean=(how.clean,),
        caches=how.caches,
        dependencies=how.dependencies,
        artifacts=(("package.json", "./"), *((folder, f"./{folder}") for folder in folders))
        if app and not request.selects
        else None,
        http_probe=_http_probe,
    )


def _manifests(request: Request) -> tuple[str, ...]:
    """What installing reads: the manifests of all workspaces, the lock file, settings and patches."""
    locks = [lock for lock in _LOCKS[request.manager] if request.has(lock)]
    packages = [f"{one.folder}/package.json" for one in project.workspaces(request)]
    rest = (*packages, *project.install_files(request))
    if request.installs:
        named = {"package*.json"} if request.manager == "npm" else {"package.json", *locks}
        return (*sorted(named), *rest)
    return ("package.json", *(locks or _LOCKS[request.manager][:1]), *rest)


def _http_probe(port: int, path: str) -> tuple[str, ...]:
    quoted = json.dumps(path).replace("'", "\\'")
    return ("node", "-e", _PROBE.replace("PORT", str(port)).replace("PATH", quoted))


def _memory_flag(limit: int) -> tuple[str, str]:
    """V8 doesn't see the container's limit before Node 20, and is killed without a word when it grows past it."""
    return "NODE_OPTIONS", f"--max-old-space-size={max(16, int(limit * _HEAP_SHARE) // _MEBIBYTE)}"


def _check(request: Request) -> Iterable[Trouble]:
    if not request.has("package.json"):
        message = f"the file is not there, and {_COMMANDS[request.manager]} needs it"
        hint = "run `npm init` there, or name another folder as the context"
        yield Trouble(file="package.json", message=message, hint=hint)
    elif not project.package(request) and request.text("package.json").strip() != "{}":
        yield Trouble(file="package.json", message="it is no valid manifest", hint="correct its JSON")
    yield from _check_lock(request)
    yield from _check_tool(request)
    yield from _check_app(request)
    if _TOKEN.search(request.text(".npmrc")):
        hint = "take it out, and mount it: `secrets: [{source: npmrc, mount: /root/.npmrc}]`"
        yield Trouble(file=".npmrc", message="it holds a token, which would get into the image", hint=hint)


def _check_lock(request: Request) -> Iterator[Trouble]:
    locks = _LOCKS[request.manager]
    if not any(request.has(lock) for lock in locks):
        message = f"the file is not there, and {_COMMANDS[request.manager]} needs it"
        others = [lock for name, files in _LOCKS.items() for lock in files if name != request.manager]
        other = next((lock for lock in others if request.has(lock)), None)
        hint = f"run `{request.manager} install` there, or set `build.install`"
        if other:
            hint = f"{hint}; or let `package_manager` be what wrote {other}"
        yield Trouble(file=locks[0], message=message, hint=hint)
    text = next((request.text(lock) for lock in locks if request.has(lock)), "")
    if request.manager != "npm" or not text or managers.tool(request).major >= _LOCKFILE_3_SINCE:
        return
    try:
        version = json.loads(text).get("lockfileVersion")
    except (ValueError, AttributeError):
        hint = "run `npm install --package-lock-only`"
        yield Trouble(file="package-lock.json", message="package-lock.json is no valid lock file", hint=hint)
        return
    if isinstance(version, int) and version > 2:  # noqa: PLR2004 - npm's own number
        message = f"npm {_npm(request.release)} of Node {request.release.major} can't read lockfileVersion {version}"
        hint = "run `npm install --package-lock-only --lockfile-version 2`"
        yield Trouble(file="package-lock.json", message=message, hint=hint)


def _check_tool(request: Request) -> Iterator[Trouble]:
    """Whether the package manager runs on this Node, and reads this lock file."""
    used, facts = managers.tool(request), managers.facts()
    written = project.package(request).get("packageManager")
    if isinstance(written, str) and not project.declared(request.files or {})[0]:
        hint = "write an exact version, such as pnpm@10.0.0"
        yield Trouble(file="package.json", message=f"`packageManager` is `{written}`", hint=hint)
    if used.name == "npm":
        return
    least = int(facts[f"{used.name}_needs_node"].get(str(used.major), "0"))
    if int(request.release.major) < least:
        message = f"{used.label} needs Node {least}, and the image has {request.release.major}"
        hint = f"use node@{least} or later, or pin an older {used.name} with `packageManager` in package.json"
        yield Trouble(file="package.json", message=message, hint=hint)
    if used.name == "pnpm":
        form = project.lock_version(request, "pnpm-lock.yaml")
        since = int(facts["pnpm_reads_since"].get(form, "0"))
        if used.major < since:
            hint = f"pin pnpm {since} with `packageManager`, or run `pnpm install` with pnpm {used.major} once"
            message = f"{used.label} can't read lockfileVersion {form}"
            yield Trouble(file="pnpm-lock.yaml", message=message, hint=hint)
        return
    berry = used.major > 1
    if request.has("yarn.lock") and request.text("yarn.lock").strip() and project.is_berry_lock(request) != berry:
        wrote = "Yarn 1" if berry else "a later Yarn"
        message = f"{wrote} wrote it, and the project uses {used.label}"
        yield Trouble(file="yarn.lock", message=message, hint=f"run `yarn install` with {used.label} once")
    plugin = any("workspace-tools" in path for path in project.install_files(request))
    if berry and used.major < managers.FOCUS_SINCE and not plugin:
        message = f"{used.label} installs production dependencies with a plugin that is not there"
        hint = "run `yarn plugin import workspace-tools` and commit it, or go to Yarn 4"
        yield Trouble(file=".yarnrc.yml", message=message, hint=hint)


def _check_app(request: Request) -> Iterator[Trouble]:
    """Whether the workspace that is built is there."""
    every = project.workspaces(request)
    if every and request.manager == "npm" and _npm(request.release) < _WORKSPACES_SINCE:
        message = f"npm {_npm(request.release)} of Node {request.release.major} knows no workspaces"
        yield Trouble(file="package.json", message=message, hint="use node@16 or later")
    if request.app is None or project.chosen(request):
        return
    file = "pnpm-workspace.yaml" if request.manager == "pnpm" else "package.json"
    hint = f"there is {', '.join(one.folder for one in every)}" if every else "list them under `workspaces`"
    yield Trouble(file=file, message=f"there is no workspace `{request.app}`", hint=hint)


LANGUAGE = Language(
    name="node",
    title="Node.js",
    image="node",
    releases=load_releases("node"),
    ignore=("node_modules", "npm-debug.log*", ".npm"),
    recipe=_recipe,
    check=_check,
    context_files=(
        "**/package.json",
        *(lock for locks in _LOCKS.values() for lock in locks),
        ".npmrc",
        ".yarnrc",
        ".yarnrc.yml",
        ".pnp.cjs",
        ".pnp.loader.mjs",
        ".pnpmfile.cjs",
        "pnpm-workspace.yaml",
        "**/*.patch",
        "**/schema.prisma",
    ),
    managers=_LOCKS,
    declared=lambda files: next((name for name in (project.declared(files)[0],) if name in _LOCKS), ""),
    memory_flag=_memory_flag,
)
