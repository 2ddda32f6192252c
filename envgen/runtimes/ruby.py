"""Ruby with Bundler; Rails with its assets, and bootsnap.

Sources: the official image (https://github.com/docker-library/ruby, commit d55e25a of 2026-04-21: GEM_HOME and
BUNDLE_APP_CONFIG /usr/local/bundle), https://bundler.io/man/bundle-config.1.html, the Dockerfile that `rails new` makes
(https://guides.rubyonrails.org/), bootsnap's change log (a read-only file system is fine since 1.7.5,
BOOTSNAP_READONLY is there since 1.15), and runs of Ruby 3.3. Read 2026-11-24.
"""

import json
import re
from collections.abc import Iterable, Iterator

from envgen.runtimes import _libraries
from envgen.runtimes import _ruby_project as project
from envgen.runtimes.distro import Distro
from envgen.runtimes.language import Command, Language, Option, Recipe, Request, Trouble, load_releases

_BUNDLE, _BOOTSNAP = "/usr/local/bundle", "/opt/bootsnap"
_READ_ONLY_SINCE = (1, 7, 5)
_DUMMY_KEY_SINCE = (7, 1)
_YJIT_SINCE = (3, 3)
_RUBY_LINE = re.compile(r"^\s*ruby\s*\(?\s*(?:['\"]([^'\"]+)['\"]|(.+))", re.MULTILINE)
_EXACT = re.compile(r"(?:ruby-)?(\d+\.\d+\.\d+)")
_AT_LEAST = re.compile(r"(?:~>|>=)\s*(\d+)\.(\d+)")
_TOKEN = re.compile(r"^BUNDLE_[A-Z0-9_]*(?:__[A-Z0-9_]+)+:\s*\S", re.MULTILINE)
_BUILDS_WITH_NODE = ("cssbundling-rails", "jsbundling-rails", "shakapacker", "webpacker", "vite_ruby", "vite_rails")
_BUNDLERS = {"jsbundling-rails": "SKIP_JS_BUILD", "cssbundling-rails": "SKIP_CSS_BUILD"}
_PROBE = (
    "exit Net::HTTP.start('127.0.0.1',PORT,open_timeout:1,read_timeout:2){|h|h.get(PATH).code.to_i<400} rescue exit 1"
)


def _recipe(request: Request) -> Recipe:
    alpine = "alpine" in request.variant
    suite = None if alpine else _libraries.suite_of(request.variant, request.release.variants)
    lock = project.read(request)
    rails = "railties" in lock.gems
    snaps = _snaps(lock)
    jemalloc = _jemalloc(request, rails=rails, alpine=alpine)
    kind = {"RAILS_ENV": "production"} if rails else {"RACK_ENV": "production"}
    bundle = {"BUNDLE_DEPLOYMENT": "1", "BUNDLE_PATH": _BUNDLE, "BUNDLE_WITHOUT": "development:test"}
    cache = {"BOOTSNAP_CACHE_DIR": _BOOTSNAP} if snaps else {}
    return Recipe(
        base=request.image or LANGUAGE.image_reference(request.version, request.variant),
        distro=Distro.of_variant(request.variant),
        environment={
            **bundle,
            **kind,
            **cache,
            **({"BOOTSNAP_READONLY": "1"} if snaps else {}),
            **({"RAILS_LOG_TO_STDOUT": "1", "RAILS_SERVE_STATIC_FILES": "1"} if rails else {}),
            **({"LD_PRELOAD": "libjemalloc.so.2"} if jemalloc else {} if alpine else {"MALLOC_ARENA_MAX": "2"}),
            **({"RUBY_YJIT_ENABLE": "1"} if _compiles(request) else {}),
        },
        build_environment={**bundle, **kind, **cache},
        dev_environment={**_ALL_GROUPS, **dict.fromkeys(kind, "development"), **_cache_of_dev(cache)},
        test_environment={**_ALL_GROUPS, **dict.fromkeys(kind, "test"), **_cache_of_dev(cache)},
        manifests=_manifests(request, lock),
        install=_installed(lock),
        install_all=(_INSTALL,),
        finish=_finish(request, lock),
        clean=("rm -rf log/* tmp/*",) if rails else (),
        caches=(f"{_BUNDLE}/ruby/{request.release.major}.0/cache",),
        dependencies=(_BUNDLE,),
        built=((_BOOTSNAP, _BOOTSNAP),) if snaps else (),
        command=("bundle", "exec", "rails", "server", "--binding=0.0.0.0") if rails else None,
        http_probe=_http_probe,
        packages=(*project.packages(lock, "run", suite), *(("libjemalloc2",) if jemalloc else ())),
        build_packages=_build_packages(request, lock, suite),
        extra={"assets": "yes" if _has_assets(lock) else ""},
    )


_INSTALL = 'bundle install --jobs "$(nproc)" --retry 3'
_ALL_GROUPS = {"BUNDLE_DEPLOYMENT": "false", "BUNDLE_WITHOUT": ""}


def _cache_of_dev(cache: dict[str, str]) -> dict[str, str]:
    return dict.fromkeys(cache, "/tmp/bootsnap")  # noqa: S108 - a folder in the container


def _installed(lock: project.Lock) -> Command:
    """Gems, the cache of their code, and no histories of those that come from git."""
    snap = ("bundle exec bootsnap precompile -j 1 --gemfile",) if _snaps(lock) else ()
    return (_INSTALL, *snap, *((f"rm -rf {_BUNDLE}/ruby/*/bundler/gems/*/.git",) if lock.git else ()))


def _snaps(lock: project.Lock) -> bool:
    return "bootsnap" in lock.gems and lock.version("bootsnap") >= _READ_ONLY_SINCE


def _has_assets(lock: project.Lock) -> bool:
    return "railties" in lock.gems and bool({"sprockets", "propshaft"} & lock.gems.keys())


def _jemalloc(request: Request, *, rails: bool, alpine: bool) -> bool:
    wanted = request.options.get("jemalloc", rails)
    return wanted is True and not alpine


def _compiles(request: Request) -> bool:
    """Whether YJIT is wanted: it is ready for production since 3.2, and takes little memory since 3.3."""
    since = tuple(map(int, request.release.major.split("."))) >= _YJIT_SINCE
    return request.options.get("yjit", since) is True


def _finish(request: Request, lock: project.Lock) -> Command:
    """Caches of the app's code, and the assets of Rails."""
    snaps = _snaps(lock) and "railties" in lock.gems
    snap = ("bundle exec bootsnap precompile -j 1 app/ lib/ config/",) if snaps else ()
    if not _has_assets(lock):
        return snap
    skipped = [f"{name}=1 " for gem, name in _BUNDLERS.items() if gem in lock.gems and request.assets]
    # any key will do, since nothing is signed; Rails before 7.1 wants one to be set
    key = "SECRET_KEY_BASE_DUMMY=1"
    if lock.version("railties") < _DUMMY_KEY_SINCE:
        key = "SECRET_KEY_BASE=\"$(ruby -r securerandom -e 'print SecureRandom.hex(64)')\""
    return (*snap, f"{''.join(skipped)}{key} bundle exec rails assets:precompile")


def _build_packages(request: Request, lock: project.Lock, suite: str | None) -> tuple[str, ...]:
    wanted = project.packages(lock, "build", suite)
    # the images that are not slim have compilers, and the headers of the usual libraries
    complete = suite is not None and "slim" not in request.variant
    there = {"build-essential", "git", "pkg-config"} if complete else set()
    return tuple(name for name in wanted if name not in there)


def _manifests(request: Request, lock: project.Lock) -> tuple[str, ...]:
    """What installing reads; all of the context where gems lie in it."""
    if lock.local or request.matching("*.gemspec"):
        return (".",)
    named = ("Gemfile", "Gemfile.lock")
    rest = (".ruby-version", ".tool-versions", *project.included(request))
    return (*named, *dict.fromkeys(name for name in rest if request.has(name)))


def _http_probe(port: int, path: str) -> Command:
    # JSON's escapes are Ruby's; `#{` would be code
    quoted = json.dumps(path).replace("#", "\\#")
    return ("ruby", "-rnet/http", "-e", _PROBE.replace("PORT", str(port)).replace("PATH", quoted))


def _check(request: Request) -> Iterable[Trouble]:
    if not request.has("Gemfile"):
        hint = "run `bundle init` there, or name another folder as the context"
        yield Trouble(file="Gemfile", message="the file is not there, and Bundler needs it", hint=hint)
        return
    if not request.has("Gemfile.lock"):
        hint = "run `bundle lock --add-platform x86_64-linux aarch64-linux`, and commit it"
        yield Trouble(file="Gemfile.lock", message="the file is not there, and Bundler needs it", hint=hint)
    yield from _check_version(request)
    lock = project.read(request)
    alpine = "alpine" in request.variant
    if lock.platforms and not any(project.fits(platform, alpine=alpine) for platform in lock.platforms):
        end = "-musl" if alpine else ""
        message = f"it is locked for {', '.join(lock.platforms)} only, which the image is not"
        hint = f"run `bundle lock --add-platform x86_64-linux{end} aarch64-linux{end}`"
        yield Trouble(file="Gemfile.lock", message=message, hint=hint)
    node = next((gem for gem in _BUILDS_WITH_NODE if gem in lock.gems), None)
    if node and _has_assets(lock) and not request.assets and not request.builds:
        message = f"{node} builds with Node.js, which the image has not got"
        hint = "write `assets: {uses: node@22, run: npm run build, files: [app/assets/builds]}`"
        yield Trouble(file="Gemfile.lock", message=message, hint=hint)
    if _TOKEN.search(request.text(".bundle/config")):
        hint = "take it out, and write `secrets: [{source: gems, env: BUNDLE_GEMS__EXAMPLE__COM}]`"
        yield Trouble(file=".bundle/config", message="it holds a password of a gem server", hint=hint)


def _check_version(request: Request) -> Iterator[Trouble]:
    """Whether the Gemfile wants this Ruby: `bundle install` takes no other."""
    line = _RUBY_LINE.search(request.text("Gemfile"))
    if line is None:
        return
    file, wanted = "Gemfile", line[1] or ""
    if line[2] and ".ruby-version" in request.text("Gemfile"):
        file, wanted = ".ruby-version", request.text(".ruby-version").strip()
    exact, least = _EXACT.fullmatch(wanted), _AT_LEAST.match(wanted)
    if exact and exact[1] != request.version:
        hint = f'use ruby@{exact[1]}, or ask for "~> {exact[1].rpartition(".")[0]}.0"'
        yield Trouble(file=file, message=f"it asks for Ruby {exact[1]}, and the image is {request.version}", hint=hint)
    major, minor = map(int, request.release.major.split("."))
    if least and (int(least[1]), int(least[2])) > (major, minor):
        message = f"it asks for Ruby {wanted}, and the image has {request.release.major}"
        yield Trouble(file=file, message=message, hint=f"use ruby@{least[1]}.{least[2]} or later")


LANGUAGE = Language(
    name="ruby",
    title="Ruby",
    image="ruby",
    releases=load_releases("ruby"),
    ignore=(
        "/.bundle", "/vendor/bundle", "/log/*", "/tmp/*",  # noqa: S108 - folders of the project
        "/coverage", "/storage/*", "node_modules", "config/master.key",
    ),
    recipe=_recipe,
    check=_check,
    context_files=(
        "Gemfile", "Gemfile.lock", "Gemfile.*", "*.gemspec", ".ruby-version", ".tool-versions", ".bundle/config",
    ),
    managers={"bundler": ("Gemfile.lock",)},
    options={
        "jemalloc": Option(
            kind="bool",
            summary="whether memory comes from jemalloc, which keeps processes small; on for Rails on Debian",
        ),
        "yjit": Option(kind="bool", summary="whether Ruby's compiler YJIT runs; on since Ruby 3.3"),
    },
    tmpfs=("/tmp", "/app/log", "/app/tmp"),  # noqa: S108 - mount points in the container
)  # fmt: skip
