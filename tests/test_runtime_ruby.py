"""Ruby: what is rendered for which project and options."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from plans import problems_of

from envgen.finding import EnvgenError
from envgen.plan import Context, resolve
from envgen.render import render
from envgen.runtimes import Request
from envgen.runtimes.ruby import LANGUAGE
from envgen.source import parse
from envgen.spec import load

RAILS = ("railties (8.1.3)", "propshaft (1.3.2)", "tzinfo (2.0.6)", "bootsnap (1.18.6)", "puma (7.2.1)")


def lock(*gems: str, platforms: tuple[str, ...] = ("x86_64-linux", "aarch64-linux"), before: str = "") -> str:
    specs = "".join(f"    {gem}\n" for gem in gems)
    systems = "".join(f"  {platform}\n" for platform in platforms)
    return f"{before}GEM\n  remote: https://rubygems.org/\n  specs:\n{specs}\nPLATFORMS\n{systems}\n"


def project(*gems: str, gemfile: str = "", **more: Any) -> dict[str, str]:
    return {"Gemfile": f'source "https://rubygems.org"\n{gemfile}\n', "Gemfile.lock": lock(*gems, **more)}


def dockerfile(files: Mapping[str, str | None], uses: object = "ruby@3.4", **service: object) -> str:
    keys = {"uses": uses, "command": ["app"], **service}
    spec = {"envgen": 1, "name": "p", "services": {"a": {k: v for k, v in keys.items() if v is not None}}}
    artifacts = render(resolve(load(parse(json.dumps(spec), "envgen.json")), {".": Context(files=dict(files))}))
    return next(one.text for one in artifacts if one.path == "a.Dockerfile")


def stage(text: str, name: str) -> str:
    return text.partition(f" AS {name}\n")[2].partition("\nFROM ")[0]


def messages(files: Mapping[str, str | None], **service: object) -> str:
    try:
        dockerfile(files, **service)
    except EnvgenError as error:
        return "\n".join(f"{one.message} [{one.hint}]" for one in error.findings)
    return ""


def alpine(version: str = "3.4") -> dict[str, str]:
    return {"language": "ruby", "version": version, "variant": "alpine"}


def test_gems_are_a_layer_of_their_own_without_development() -> None:
    text = dockerfile(project("puma (7.2.1)"))
    gems = stage(text, "dependencies")
    assert "COPY Gemfile Gemfile.lock ./" in gems
    assert "target=/usr/local/bundle/ruby/3.4.0/cache,sharing=locked" in gems
    assert "BUNDLE_WITHOUT=development:test" in stage(text, "builder")
    assert "build-essential" not in stage(text, "runtime") + stage(text, "base")
    assert " AS build\n" not in text


def test_rails_has_its_command_and_its_assets_without_a_key() -> None:
    text = dockerfile(project(*RAILS), command=None)
    assert text.endswith('CMD ["bundle", "exec", "rails", "server", "--binding=0.0.0.0"]\n')
    assert "FROM dependencies AS build" in text
    assert "SECRET_KEY_BASE_DUMMY=1 bundle exec rails assets:precompile" in stage(text, "build")
    runtime = stage(text, "runtime")
    assert "RAILS_ENV=production" in runtime
    assert "LD_PRELOAD=libjemalloc.so.2" in runtime
    assert "libjemalloc2 tzdata" in stage(text, "base")


@pytest.mark.parametrize("gems", [("railties (8.0.0)",), ("sinatra (4.1.0)", "sprockets (4.2.0)")])
def test_there_are_no_assets_without_a_pipeline(gems: tuple[str, ...]) -> None:
    assert "assets:precompile" not in dockerfile(project(*gems))


def test_rails_before_7_1_wants_a_key_of_some_kind() -> None:
    text = dockerfile(project("railties (6.1.7.10)", "sprockets (4.2.1)"))
    assert "SecureRandom.hex(64)" in text
    assert "DUMMY" not in text


def test_bootsnap_keeps_its_cache_where_no_memory_is_mounted_over_it() -> None:
    text = dockerfile(project(*RAILS))
    assert "bootsnap precompile -j 1 --gemfile" in stage(text, "dependencies")
    assert "bootsnap precompile -j 1 app/ lib/ config/" in stage(text, "build")
    runtime = stage(text, "runtime")
    assert "BOOTSNAP_CACHE_DIR=/opt/bootsnap" in runtime
    assert "BOOTSNAP_READONLY=1" in runtime
    assert "COPY --from=build --chown=10001:10001 /opt/bootsnap /opt/bootsnap" in runtime
    old = dockerfile(project("railties (6.0.0)", "bootsnap (1.4.4)"))
    assert "bootsnap" not in old


def test_files_of_node_are_there_when_assets_are_compiled() -> None:
    assets = {"uses": "node@24", "run": "npm run build", "files": ["app/assets/builds"]}
    files = {**project(*RAILS, "jsbundling-rails (1.3.1)"), "package.json": "{}", "package-lock.json": "{}"}
    built = stage(dockerfile(files, build={"assets": assets}), "build")
    copied = built.index("COPY --from=assets /app/app/assets/builds ./app/assets/builds")
    assert copied < built.index("assets:precompile")
    assert "SKIP_JS_BUILD=1 SECRET_KEY_BASE_DUMMY=1" in built


@pytest.mark.parametrize(
    ("gem", "uses", "run", "build"),
    [
        ("pg (1.5.9)", "ruby@3.4", "libpq5", "libpq-dev"),
        ("pg (1.5.9)", alpine(), "libpq", "libpq-dev"),
        ("mysql2 (0.5.7)", "ruby@3.4", "libmariadb3", "default-libmysqlclient-dev"),
        ("ruby-vips (2.2.3)", "ruby@3.4", "libvips42t64", ""),
        ("ruby-vips (2.2.3)", {"language": "ruby", "version": "3.4", "variant": "slim-bookworm"}, "libvips42 ", ""),
        ("psych (5.2.6)", "ruby@3.4", "libyaml-0-2", "libyaml-dev"),
    ],
)
def test_gems_bring_their_libraries(gem: str, uses: object, run: str, build: str) -> None:
    text = dockerfile(project(gem), uses=uses)
    assert re.search(rf"(?:recommends|no-cache) {run.strip()}(?: |\n)", stage(text, "base") + "\n")
    assert build in stage(text, "builder")
    assert not build or build not in stage(text, "base")


def test_a_gem_that_is_there_ready_made_needs_no_libraries() -> None:
    ready = ("pg (1.6.3)", "pg (1.6.3-x86_64-linux)", "pg (1.6.3-aarch64-linux)")
    assert "libpq" not in dockerfile(project(*ready))
    assert "libpq5" in dockerfile(project(*ready[:2]))
    glibc = ("pg (1.6.3-x86_64-linux-gnu)", "pg (1.6.3-aarch64-linux-gnu)")
    assert "libpq" not in dockerfile(project(*glibc))
    assert "libpq" in dockerfile(project(*glibc), uses=alpine())


def test_image_processing_takes_libvips_alone() -> None:
    both = ("mini_magick (5.2.0)", "ruby-vips (2.2.3)")
    assert "imagemagick libvips42t64" in dockerfile(project(*both))
    assert "imagemagick" not in dockerfile(project(*both, "image_processing (1.14.0)"))


def test_gems_from_git_need_git_and_leave_no_history() -> None:
    git = "GIT\n  remote: https://github.com/rails/rails.git\n  revision: abc\n  specs:\n    railties (8.1.0)\n\n"
    text = dockerfile(project("puma (7.2.1)", before=git))
    assert "recommends build-essential git pkg-config" in text
    assert "rm -rf /usr/local/bundle/ruby/*/bundler/gems/*/.git" in stage(text, "dependencies")
    assert "RAILS_ENV=production" in text


@pytest.mark.parametrize(
    ("more", "copied"),
    [
        ({".ruby-version": "3.4.5\n"}, "COPY Gemfile Gemfile.lock .ruby-version ./"),
        ({"x.gemspec": ""}, "COPY . ./"),
        ({"Gemfile": 'eval_gemfile "Gemfile.own"\n', "Gemfile.own": ""}, "COPY Gemfile Gemfile.lock Gemfile.own ./"),
        ({"Gemfile.lock": lock(before="PATH\n  remote: engines/a\n  specs:\n    a (0.1)\n\n")}, "COPY . ./"),
    ],
)
def test_what_installing_reads_is_there(more: Mapping[str, str], copied: str) -> None:
    assert copied in stage(dockerfile({**project("puma (7.2.1)"), **more}), "dependencies")


def test_build_steps_have_the_gems_of_all_groups() -> None:
    built = stage(dockerfile(project(*RAILS), build={"run": "bundle exec rspec"}), "build")
    assert built.index('ENV BUNDLE_WITHOUT=""') < built.index("bundle install") < built.index("rspec")
    assert "assets:precompile" in built


@pytest.mark.parametrize(
    ("files", "uses", "message"),
    [
        ({}, "ruby@3.4", "Gemfile: the file is not there"),
        ({"Gemfile": ""}, "ruby@3.4", "Gemfile.lock: the file is not there"),
        (project("puma (7.2.1)", platforms=("arm64-darwin-23",)), "ruby@3.4", "it is locked for arm64-darwin-23 only"),
        (project("puma (7.2.1)", platforms=("x86_64-linux-musl",)), "ruby@3.4", "x86_64-linux aarch64-linux`]"),
        (project("puma (7.2.1)", platforms=("x86_64-linux-gnu",)), alpine(), "--add-platform x86_64-linux-musl"),
        (project("puma (7.2.1)", platforms=("ruby",)), alpine(), ""),
        (project("puma (7.2.1)", platforms=("x86_64-linux-musl",)), alpine(), ""),
        (project("puma (7.2.1)", gemfile='ruby "3.4.5"'), "ruby@3.4", "and the image is 3.4 [use ruby@3.4.5"),
        (project("puma (7.2.1)", gemfile='ruby "3.4.5"'), "ruby@3.4.5", ""),
        (project("puma (7.2.1)", gemfile='ruby "~> 3.4.0"'), "ruby@3.4", ""),
        (project("puma (7.2.1)", gemfile='ruby ">= 4.0"'), "ruby@3.4", "use ruby@4.0 or later"),
        ({**project("puma (7.2.1)", gemfile='ruby file: ".ruby-version"'), ".ruby-version": "ruby-3.4.6\n"}, "ruby@3.4",
         ".ruby-version: it asks for Ruby 3.4.6"),
        ({**project("puma (7.2.1)"), ".ruby-version": "3.4.6\n"}, "ruby@3.4", ""),
        (project(*RAILS, "jsbundling-rails (1.3.1)"), "ruby@3.4", "jsbundling-rails builds with Node.js"),
        ({**project("puma (7.2.1)"), ".bundle/config": "---\nBUNDLE_GEMS__EXAMPLE__COM: abc\n"}, "ruby@3.4",
         "it holds a password"),
        ({"Gemfile": "", "Gemfile.lock": "<<<<<<< HEAD\n\x00"}, "ruby@3.4", ""),
    ],
)  # fmt: skip
def test_what_a_build_would_trip_over(files: Mapping[str, str], uses: object, message: str) -> None:
    found = messages(files, uses=uses)
    assert message in found
    assert bool(message) == bool(found)


@pytest.mark.parametrize(
    ("options", "uses", "there", "absent"),
    [
        ({}, "ruby@3.4", "RUBY_YJIT_ENABLE=1", "libjemalloc"),
        ({"yjit": False}, "ruby@3.4", "MALLOC_ARENA_MAX=2", "RUBY_YJIT_ENABLE"),
        ({"jemalloc": True}, "ruby@3.4", "libjemalloc2", "MALLOC_ARENA_MAX"),
        ({"jemalloc": True}, alpine(), "RUBY_YJIT_ENABLE=1", "jemalloc"),
    ],
)
def test_options(options: Mapping[str, object], uses: object, there: str, absent: str) -> None:
    text = dockerfile(project("puma (7.2.1)"), uses=uses, build={"options": options})
    assert there in text
    assert absent not in text


def test_options_that_it_has_not_got_are_refused() -> None:
    (found,) = problems_of("services: {a: {uses: ruby@3.4, command: [a], build: {options: {yjt: true}}}}")
    assert "Ruby has no option `yjt`" in found


@pytest.mark.parametrize("path", ["/up", "/it's", '/a"b', "/#{exit}", "/a\\b"])
def test_a_probe_asks_for_that_very_path(path: str) -> None:
    release = LANGUAGE.releases["3.4"]
    probe = LANGUAGE.recipe(Request(release=release, version="3.4", variant="slim-trixie")).http_probe
    assert probe
    code = probe(3000, path)[-1]
    asked = re.search(r'get\("(.*)"\)', code)
    assert asked
    assert json.loads(f'"{asked[1]}"'.replace("\\#", "#")) == path
    assert "#{" not in code.replace("\\#{", "")


def test_the_whole_images_have_their_compilers() -> None:
    uses = {"language": "ruby", "version": "3.4", "variant": "trixie"}
    assert "build-essential" not in dockerfile(project("pg (1.5.9)"), uses=uses)
