"""PHP with Composer: behind Apache, as FastCGI (php-fpm), or on the command line.

Sources: the official image (https://github.com/docker-library/php, commit 445bf41 of 2026-07-30: STOPSIGNAL, APACHE_*
variables, docker-php-ext-install), https://getcomposer.org/doc/03-cli.md, https://www.php.net/manual/en/, the
FastCGI specification (for the health check of php-fpm), and runs of PHP 8.4 with Apache and php-fpm. Read 2026-11-24.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from envgen.runtimes import _libraries
from envgen.runtimes import _php_extensions as extensions
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Command, Language, Option, Recipe, Request, Trouble, load_releases

_APP, _HOME = "/var/www/html", "/root/.composer"
_AUTOLOADER = "/opt/autoloader"
_SERVERS = ("apache", "fpm", "cli")
_PREFIXES = (*_SERVERS, "zts")
_COMMANDS: dict[str, Command] = {"apache": ("apache2-foreground",), "fpm": ("php-fpm",)}
_PORT = "8080"
_OPCACHE_ON_SINCE = (8, 1)
# our choice, not measured: what a request of a usual framework may take, and what OPcache and the server share
_WORKER, _SHARED = 40 * 1024 * 1024, 128 * 1024 * 1024
_FEWEST_WORKERS, _USUAL_WORKERS = 2, "8"
_AT_LEAST = re.compile(r"^\s*(?:>=|\^|~)?\s*v?(\d+)\.(\d+)(?:\.\d+)?(?:\.\*)?\s*$")
_PLAIN_FOLDER = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")

_PROBE = (
    "$o=['timeout'=>2.5,'follow_location'=>0];"
    "exit((int)(@file_get_contents('http://127.0.0.1:PORT'.PATH,false,stream_context_create(['http'=>$o]))===false));"
)
# one FastCGI request: begin, parameters, an empty body; names and values with lengths of four bytes
_FASTCGI_PROBE = (
    "$s=@fsockopen('127.0.0.1',PORT,$e,$m,2.5);if(!$s)exit(1);stream_set_timeout($s,2);"
    "$p='';foreach(['REQUEST_METHOD'=>'GET','REQUEST_URI'=>PATH,'SCRIPT_NAME'=>SCRIPT,'SCRIPT_FILENAME'=>FILE]"
    " as $k=>$v)"
    "$p.=pack('NN',strlen($k)|1<<31,strlen($v)|1<<31).$k.$v;"
    "foreach([[1,pack('nx6',1)],[4,$p],[4,''],[5,'']] as $r)fwrite($s,pack('CCnnx2',1,$r[0],1,strlen($r[1])).$r[1]);"
    "$a=stream_get_contents($s);exit((int)(strlen($a)<9||preg_match('/Status: [45]/',$a)));"
)
_PING = "/ping"
_XDEBUG = {"XDEBUG_CONFIG": "client_host=host.docker.internal", "XDEBUG_MODE": "debug"}


def _recipe(request: Request) -> Recipe:
    server, variant = _server(request)
    alpine = "alpine" in variant
    suite = None if alpine else _libraries.suite_of(variant, request.release.variants)
    found = extensions.installing((*_required(request), *_words(request, "extensions")), request, suite)
    commands = found.commands
    if extensions.line(request) < _OPCACHE_ON_SINCE:
        commands = ("docker-php-ext-enable opcache", *commands)
    composes = _composes(request)
    vendor = _vendor(request)
    root = _document_root(request)
    return Recipe(
        base=request.image or LANGUAGE.image_reference(request.version, variant),
        distro=Distro.of_variant(variant),
        users={"www-data": (82, 82)} if alpine else {},
        workdir=_APP,
        environment=_environment(server),
        build_environment=_COMPOSER if composes else {},
        dev_environment={**_XDEBUG, **_environment(server)},
        test_environment=_environment(server),
        manifests=_manifests(request) if composes else (),
        install=(f"{_INSTALL} --no-dev",) if composes else (),
        install_all=(_INSTALL,) if composes else (),
        finish=_autoloader(vendor) if composes else (),
        caches=(f"{_HOME}/cache",) if composes else (),
        dependencies=(vendor, *_installed_elsewhere(request)) if composes else (),
        built=((_AUTOLOADER, f"./{vendor}"),) if composes else (),
        command=_COMMANDS.get(server),
        http_probe=partial(_fastcgi_probe, root) if server == "fpm" else _http_probe,
        packages=found.packages,
        build_packages=_build_packages(request) if composes else (),
        extra={
            "server": server,
            "composer": "yes" if composes else "",
            "composer_version": "2",
            "document_root": root,
            "extensions": commands,
            "rules": _excused(commands, alpine=alpine),
            "xdebug": _xdebug(request, suite),
            "xdebug_rules": _excused(_xdebug(request, suite), alpine=alpine),
            "ini": _words(request, "ini"),
            "port": _PORT,
            "ping": _PING,
        },
    )


_INSTALL = "composer install --no-interaction --no-progress --no-scripts --no-autoloader --prefer-dist"
_COMPOSER = {"COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_CACHE_DIR": f"{_HOME}/cache", "COMPOSER_HOME": _HOME}


def _environment(server: str) -> dict[str, str]:
    """Apache's folders are below /tmp, where any user can write; the number of workers is compose's to set."""
    if server == "apache":
        folders = ("APACHE_LOCK_DIR", "APACHE_RUN_DIR")
        paths = dict.fromkeys(folders, "/tmp/apache2")  # noqa: S108 - a folder in the container
        return {**paths, "APACHE_PID_FILE": "/tmp/apache2/apache2.pid", "PHP_WORKERS": _USUAL_WORKERS}  # noqa: S108
    return {"PHP_WORKERS": _USUAL_WORKERS} if server == "fpm" else {}


def _server(request: Request) -> tuple[str, str]:
    """What serves, and the image's variant for that: what the option says goes before what the variant does."""
    first, _, rest = request.variant.partition("-")
    named = first in _PREFIXES
    wanted = request.options.get("server")
    server = str(wanted) if wanted in _SERVERS else first if named else "cli"
    if wanted not in _SERVERS:
        return ("cli" if server == "zts" else server), request.variant
    suite = rest if named else request.variant
    return server, f"{server}-{suite}" if suite else server


def _composes(request: Request) -> bool:
    return request.installs or request.files is None or request.has("composer.json") or request.has("composer.lock")


def _json(request: Request, name: str) -> dict[str, Any]:
    try:
        data = json.loads(request.text(name) or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _part(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        data = data[key] if isinstance(data.get(key), dict) else {}
    return data


def _locked(request: Request) -> list[dict[str, Any]]:
    """The production packages of the lock file."""
    found = _json(request, "composer.lock").get("packages")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _required(request: Request) -> tuple[str, ...]:
    return extensions.required([_json(request, "composer.json"), *_locked(request)])


def _words(request: Request, option: str) -> tuple[str, ...]:
    written = request.options.get(option)
    return tuple(map(str, written)) if isinstance(written, list) else ()


def _vendor(request: Request) -> str:
    written = _part(_json(request, "composer.json"), "config").get("vendor-dir")
    fits = isinstance(written, str) and _PLAIN_FOLDER.fullmatch(written) and ".." not in written
    return posixpath.normpath(written) if isinstance(written, str) and fits else "vendor"


def _installed_elsewhere(request: Request) -> tuple[str, ...]:
    """Folders outside of vendor that composer/installers fills, such as web/core of Drupal."""
    paths = _part(_json(request, "composer.json"), "extra", "installer-paths")
    heads = (posixpath.normpath(str(path).partition("{")[0]) for path in paths)
    return tuple(dict.fromkeys(head for head in heads if _PLAIN_FOLDER.fullmatch(head) and head[0] != "."))


def _manifests(request: Request) -> tuple[str, ...]:
    """What installing reads; all of the context where packages lie in it, or are patched with what does."""
    repositories = _json(request, "composer.json").get("repositories")
    every = repositories.values() if isinstance(repositories, dict) else repositories or ()
    local = any(isinstance(one, dict) and one.get("type") in {"path", "artifact"} for one in every)
    if local or any(one.get("name") == "cweagans/composer-patches" for one in _locked(request)):
        return (".",)
    unlocked = request.installs and not request.has("composer.lock")
    rest = ("symfony.lock",) if request.has("symfony.lock") else ()
    return ("composer.json", *(() if unlocked else ("composer.lock",)), *rest)


def _build_packages(request: Request) -> tuple[str, ...]:
    """What unpacks archives; git for packages that have none, and patch for those that are patched."""
    every = _locked(request)
    git = any(not isinstance(one.get("dist"), dict) for one in every)
    patch = any(one.get("name") == "cweagans/composer-patches" for one in every)
    none = request.has("composer.lock") and not every and not _json(request, "composer.lock").get("packages-dev")
    return (*(("git",) if git else ()), *(("patch",) if patch else ()), *(() if none else ("unzip",)))


def _autoloader(vendor: str) -> Command:
    """The list of classes, which knows the sources; it goes into the image apart from the packages."""
    moved = f"mkdir {_AUTOLOADER} && mv {vendor}/autoload.php {vendor}/composer {_AUTOLOADER}/ && rm -rf {vendor}"
    return "composer dump-autoload --no-dev --no-scripts --optimize", moved


def _xdebug(request: Request, suite: str | None) -> Command:
    names = {name.partition("-")[0] for name in _words(request, "extensions")}
    return () if "xdebug" in names else extensions.installing(("xdebug",), request, suite).commands


def _excused(commands: Command, *, alpine: bool) -> str:
    installs = any(command.startswith(("apt-get install", "apk add")) for command in commands)
    return ("DL3018" if alpine else "DL3008") if installs else ""


def _document_root(request: Request) -> str:
    """The folder that is served: as written, else the one that frameworks have their front controller in."""
    written = request.options.get("document_root")
    usual = next((name for name in ("public", "web") if request.has(f"{name}/index.php")), ".")
    folder = posixpath.normpath(written) if isinstance(written, str) else usual
    return _APP if folder == "." else f"{_APP}/{folder}"


def _literal(text: str) -> str:
    """Text as PHP's literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _http_probe(port: int, path: str) -> Command:
    code = _PROBE.replace("PORT", str(port)).replace("PATH", _literal(path))
    return ("php", "-d", "allow_url_fopen=1", "-r", code)


def _fastcgi_probe(root: str, port: int, path: str) -> Command:
    script = _PING if path == _PING else "/index.php"
    code = _FASTCGI_PROBE.replace("PORT", str(port)).replace("=>SCRIPT", f"=>{_literal(script)}")
    code = code.replace("=>FILE", f"=>{_literal(root + script)}")
    return ("php", "-r", code.replace("=>PATH", f"=>{_literal(path)}"))


def _check(request: Request) -> Iterable[Trouble]:
    _, variant = _server(request)
    if request.image is None and variant not in request.release.variants:
        hint = "take another `server`, or another variant: there is no Apache on Alpine"
        yield Trouble(file=".", message=f"there is no image php:{request.version}-{variant}", hint=hint)
    if not _composes(request):
        return
    manifest = _json(request, "composer.json")
    if not request.has("composer.json"):
        hint = "run `composer init`"
        yield Trouble(file="composer.json", message="the file is not there, and Composer needs it", hint=hint)
    elif not manifest and request.text("composer.json").strip() != "{}":
        yield Trouble(file="composer.json", message="it is no valid manifest", hint="correct its JSON")
    elif not request.has("composer.lock"):
        hint = "run `composer update` and commit it, or set `build.install`"
        yield Trouble(file="composer.lock", message="the file is not there, and `composer install` needs it", hint=hint)
    yield from _check_version(request, manifest)
    if request.has("auth.json") and not request.matching("auth.json.example"):
        hint = "take it out, and mount it: `secrets: [{source: composer_auth, env: COMPOSER_AUTH}]`"
        yield Trouble(file="auth.json", message="it holds passwords, which would get into the image", hint=hint)


def _check_version(request: Request, manifest: dict[str, Any]) -> Iterator[Trouble]:
    """Whether this PHP is new enough for the project and its packages."""
    have = extensions.line(request)
    for file, one in (("composer.json", manifest), *(("composer.lock", package) for package in _locked(request))):
        written = str(_part(one, "require").get("php", ""))
        least = _AT_LEAST.match(written)
        if least and (int(least[1]), int(least[2])) > have:
            who = f"{one.get('name')} asks" if file == "composer.lock" else "it asks"
            message = f"{who} for PHP {written}, and the image has {request.release.major}"
            yield Trouble(file=file, message=message, hint=f"use php@{least[1]}.{least[2]} or later")
            return


def _memory_flag(limit: int) -> tuple[str, str]:
    """How many requests are worked on at once: PHP bounds each request, not all of them together."""
    return "PHP_WORKERS", str(max(_FEWEST_WORKERS, (limit - _SHARED) // _WORKER))


LANGUAGE = Language(
    name="php",
    title="PHP",
    image="php",
    releases=load_releases("php"),
    ignore=("/vendor", ".phpunit.cache", ".phpunit.result.cache", "auth.json"),
    recipe=_recipe,
    check=_check,
    context_files=(
        "composer.json", "composer.lock", "symfony.lock", "auth.json", "auth.json.example", "index.php",
        "public/index.php", "web/index.php",
    ),
    managers={"composer": ("composer.lock",)},
    options={
        "server": Option(
            kind="choice",
            summary="what serves: `apache` (the default), `fpm` for a web server beside it, or `cli`",
            choices=_SERVERS,
        ),
        "extensions": Option(
            kind="words",
            pattern=r"[a-z][a-z0-9_]*(?:-[0-9][0-9A-Za-z.]*)?",
            summary="extensions beside those that composer.json and composer.lock ask for; of PECL also `redis-6.3.0`",
        ),
        "document_root": Option(
            kind="text",
            pattern=r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*",
            summary="the folder that is served; by default the one of `public` and `web` that has an index.php",
        ),
        "ini": Option(
            kind="words",
            pattern=r"[A-Za-z][A-Za-z0-9_.]* ?= ?[^\s;#'\"][^\n;#'\"]*",
            summary="lines for php.ini, such as `memory_limit=256M`",
        ),
    },
    memory_flag=_memory_flag,
)  # fmt: skip
