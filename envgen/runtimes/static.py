"""Static sites behind nginx.

Sources: the official image (https://github.com/nginx/docker-nginx: user nginx 101:101, STOPSIGNAL SIGQUIT, curl in the
Debian and Alpine images, Busybox's wget in `alpine-slim`), https://nginx.org/en/docs/, and runs of nginx 1.22 and 1.30
as an ordinary user with a read-only root (2026-11-24).
"""

import posixpath
import re
from collections.abc import Iterable

from envgen.runtimes import _probes
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Language, Option, Recipe, Request, Trouble, load_releases

_PORT = "8080"
_MAIN, _SERVER = "/etc/nginx/nginx.conf", "/etc/nginx/conf.d/default.conf"
_IS_MAIN = re.compile(r"^\s*(http|events)\s*\{", re.MULTILINE)
# where Next.js, Nuxt, Astro and SvelteKit put files whose names hold a hash of what is in them, and nothing else
_HASHED = ("_next/static", "_nuxt", "_astro", "_app/immutable")


def _recipe(request: Request) -> Recipe:
    family = Distro.of_variant(request.variant)
    config = _config(request)
    hashed = request.options.get("hashed")
    folders = (*_HASHED, *(str(folder).strip("/") for folder in (hashed if isinstance(hashed, list) else ())))
    return Recipe(
        base=request.image or LANGUAGE.image_reference(request.version, request.variant),
        distro=family,
        users={"nginx": (101, 101)},
        workdir="/usr/share/nginx/html",
        assets_target="./",
        artifacts=() if request.assets and not request.selects else None,
        command=("nginx", "-g", "daemon off;"),
        http_probe=_probes.wget if family.name == "alpine" else _probes.curl,
        extra={
            "port": _PORT,
            "spa": "yes" if request.options.get("spa") is True else "",
            "hashed": tuple(re.escape(folder) for folder in folders),
            "config": config,
            "config_target": _MAIN if _IS_MAIN.search(request.text(config)) else _SERVER,
            "main": _MAIN,
            "server": _SERVER,
        },
    )


def _config(request: Request) -> str:
    """The user's own configuration, relative to the context; "" where there is none."""
    written = request.options.get("config")
    return posixpath.normpath(written) if isinstance(written, str) else ""


def _check(request: Request) -> Iterable[Trouble]:
    config = _config(request)
    if config and not request.has(config):
        hint = "make it, or correct `options.config`: it is a path in the context, and ends in .conf"
        yield Trouble(file=config, message="the file is not there", hint=hint)


LANGUAGE = Language(
    name="static",
    title="A static site",
    image="nginx",
    releases=load_releases("static"),
    ignore=("node_modules",),
    recipe=_recipe,
    check=_check,
    context_files=("**/*.conf",),
    memory_limit="128m",
    options={
        "spa": Option(kind="bool", summary="Whether paths that are no files answer with index.html."),
        "hashed": Option(
            kind="words",
            pattern=r"[A-Za-z0-9_./-]+",
            expects="a list of folders of the site, such as [assets]",
            summary="Folders of files whose names hold a hash of their content; browsers keep these for a year.",
        ),
        "config": Option(
            kind="text",
            pattern=r"(?!/)[^\s]+\.conf",
            expects="a path in the context that ends in .conf",
            summary="A configuration of your own: a `server` block, or all of nginx.conf.",
        ),
    },
)
