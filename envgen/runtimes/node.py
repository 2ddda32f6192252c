"""Node.js with npm.

Sources: the official image (https://github.com/nodejs/docker-node: user node 1000:1000), npm's documentation of
`npm ci`, and runs of npm 6, 8 and 10 (2026-11-23).
"""

import json
from collections.abc import Iterable, Mapping

from envgen.runtimes.language import Language, Release, Toolchain, load_releases

_OMIT_SINCE = 7  # npm 6 takes `--omit=dev` without a word and installs development dependencies
_LOCKFILE_3_SINCE = 7
_MEBIBYTE = 1024 * 1024
# the rest of the container's memory is for what V8 keeps outside of its old space, and for buffers
_HEAP_SHARE = 0.75

_PROBE = (
    "require('http').get({host:'127.0.0.1',port:PORT,path:PATH,timeout:2500},"
    "r=>process.exit(r.statusCode<400?0:1))"
    ".on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))"
)


def _toolchain(release: Release) -> Toolchain:
    production = "--omit=dev" if int(release.facts["npm"]) >= _OMIT_SINCE else "--only=production"
    return Toolchain(
        manifests=("package.json", "package-lock.json"),
        install=f"npm ci {production} --no-audit --no-fund",
        install_all="npm ci --no-audit --no-fund",
        cache="/root/.npm",
        dependencies="node_modules",
        clean="rm -rf node_modules",
    )


def _http_probe(port: int, path: str) -> tuple[str, ...]:
    quoted = json.dumps(path).replace("'", "\\'")
    return ("node", "-e", _PROBE.replace("PORT", str(port)).replace("PATH", quoted))


def _memory_flag(limit: int) -> tuple[str, str]:
    """V8 doesn't see the container's limit before Node 20, and is killed without a word when it grows past it."""
    return "NODE_OPTIONS", f"--max-old-space-size={max(16, int(limit * _HEAP_SHARE) // _MEBIBYTE)}"


def _check_context(release: Release, files: Mapping[str, str | None]) -> Iterable[tuple[str, str, str]]:
    hints = {
        "package.json": "run `npm init` there, or name another folder as the context",
        "package-lock.json": "run `npm install` there, or set `build.install`",
    }
    for name, hint in hints.items():
        if files.get(name) is None:
            yield name, "the file is not there, and `npm ci` needs it", hint
    text = files.get("package-lock.json")
    if text is None or int(release.facts["npm"]) >= _LOCKFILE_3_SINCE:
        return
    try:
        version = json.loads(text).get("lockfileVersion")
    except (ValueError, AttributeError):
        yield "package-lock.json", "package-lock.json is no valid lock file", "run `npm install --package-lock-only`"
        return
    if isinstance(version, int) and version > 2:  # noqa: PLR2004 - npm's own number
        yield (
            "package-lock.json",
            f"npm {release.facts['npm']} of Node {release.major} can't read lockfileVersion {version}",
            "run `npm install --package-lock-only --lockfile-version 2`",
        )


LANGUAGE = Language(
    name="node",
    image="node",
    releases=load_releases("node"),
    users={"node": (1000, 1000)},
    environment={"NODE_ENV": "production"},
    ignore=("node_modules", "npm-debug.log*", ".npm"),
    context_files=("package.json", "package-lock.json"),
    toolchain=_toolchain,
    http_probe=_http_probe,
    memory_flag=_memory_flag,
    check_context=_check_context,
)
