"""PHP extensions: which ones an image needs, and the commands that install them. Facts: php_extensions.toml."""

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from envgen.runtimes import _libraries
from envgen.runtimes.language import Command, Request

_FLAGS_OF_TODAY_SINCE = (7, 4)  # of gd
_REQUIREMENT = re.compile(r"^ext-(.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installing:
    """How extensions come into an image: packages that stay, and the commands of one layer (none: nothing to do)."""

    packages: tuple[str, ...]
    commands: Command


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("php_extensions.toml").read_text(encoding="utf-8"))


def required(manifests: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The extensions that composer.json, or packages of composer.lock, ask for and PHP's image has not got."""
    found: set[str] = set()
    for manifest in manifests:
        wanted = manifest.get("require")
        names = (_REQUIREMENT.match(str(name).lower()) for name in (wanted if isinstance(wanted, dict) else ()))
        found |= {match[1].replace("-", "_") for match in names if match}
    return tuple(sorted(found - {name.replace("-", "_") for name in _facts()["builtin"]}))


def installing(names: Iterable[str], request: Request, suite: str | None) -> Installing:
    """How the extensions are installed on a Debian `suite`, on Alpine where it is None.

    A name may have a version (`redis-6.3.0`), which PECL is asked for. What they are built with is gone with the layer.
    """
    wanted = dict(sorted({name.partition("-")[0]: name for name in names}.items()))
    builtin = set(_facts()["builtin"])
    facts = {name: _of(name) for name in wanted if name not in builtin}
    if not facts:
        return Installing(packages=(), commands=())
    build = _packages(facts.values(), "build", suite)
    bundled = [name for name, one in facts.items() if not one["pecl"]]
    pecl = [name for name, one in facts.items() if one["pecl"]]
    commands: list[str] = []
    if suite is None:
        added = sorted({*(_facts()["phpize"] if pecl else ()), *build})
        commands += [f"apk add --no-cache --virtual .build-deps {' '.join(added)}"] if added else []
    elif build:
        commands += ["apt-get update", f"apt-get install --yes --no-install-recommends {' '.join(build)}"]
    commands += [flags for name in bundled if (flags := _configure(name, facts[name], request, suite))]
    if bundled:
        commands.append(f'docker-php-ext-install -j"$(nproc)" {" ".join(bundled)}')
    if pecl:
        asked = [wanted[name] if "-" in wanted[name] else _last(name, facts[name], request) for name in pecl]
        commands += [f"pecl install {' '.join(map(shlex.quote, asked))}", f"docker-php-ext-enable {' '.join(pecl)}"]
    if suite is None:
        commands += ["apk del --no-network .build-deps"] if added else []
    elif build:
        commands += [f"apt-get purge --yes --auto-remove {' '.join(build)}", "rm -rf /var/lib/apt/lists/*"]
    commands += ["rm -rf /tmp/pear"] if pecl else []
    run = _packages(facts.values(), "run", suite)
    # what is loaded with a library that went away only warns
    family = _family(suite)
    commands += [f"php --ri {name} > /dev/null" for name, one in facts.items() if one.get(family, {}).get("run")]
    return Installing(packages=run, commands=tuple(commands))


def _of(name: str) -> dict[str, Any]:
    known = _facts()["extensions"].get(name)
    return {"pecl": True} if known is None else {"pecl": False, **known}


def _family(suite: str | None) -> str:
    return "alpine" if suite is None else "debian"


def _packages(facts: Iterable[Mapping[str, Any]], kind: str, suite: str | None) -> tuple[str, ...]:
    names = sorted({name for one in facts for name in one.get(_family(suite), {}).get(kind, ())})
    return tuple(names) if suite is None else tuple(sorted(_libraries.packages(names, suite)))


def _configure(name: str, facts: Mapping[str, Any], request: Request, suite: str | None) -> str:
    if facts.get("multiarch") and suite is not None:
        return f'docker-php-ext-configure {name} --with-libdir="lib/$(dpkg-architecture --query DEB_BUILD_MULTIARCH)"'
    old = line(request) < _FLAGS_OF_TODAY_SINCE
    flags = facts.get("configure_old" if old else "configure")
    return f"docker-php-ext-configure {name} {flags}" if flags else ""


def _last(name: str, facts: Mapping[str, Any], request: Request) -> str:
    """The name with the last version that there is for an old PHP; alone where the newest one fits."""
    for until, version in facts.get("last", {}).items():
        major, minor = map(int, until.split("."))
        if line(request) <= (major, minor):
            return f"{name}-{version}"
    return name


def line(request: Request) -> tuple[int, int]:
    """The release line as numbers."""
    major, minor = request.release.major.split(".")
    return int(major), int(minor)
